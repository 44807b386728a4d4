/**
 * What this server does when an activity that Fedify believes comes in. That it came is entered in the ledger elsewhere.
 */
import { Accept, isActor, QuoteAuthorization, Reject } from "@fedify/vocab";

import { deliver } from "./delivery.mjs";

/** Effects by type; an activity of any other type is only written down. */
const EFFECTS = {
  Follow: followed,
  Accept: async (ctx, activity) => {
    await followAnswered(ctx, activity, "accepted");
    await quoteGranted(ctx, activity);
  },
  Reject: (ctx, activity) => followAnswered(ctx, activity, "rejected"),
  QuoteRequest: quoteAsked,
  Undo: undone,
  Delete: deleted,
};

/** The listener for activities of every type. */
export async function receive(ctx, activity) {
  const arrival = ctx.data.arrival.getStore();
  arrival.reached = true;
  await EFFECTS[activity.constructor.name]?.(ctx, activity, arrival);
}

async function followed(ctx, follow, arrival) {
  const account = accountAt(ctx, follow.objectId);
  const follower = await follow.getActor(ctx);
  if (!account || !isActor(follower) || !follow.id) return;
  account.requests.set(follow.id.href, { activity: follow, recipient: follower });
  // The answer goes out after the 202 of the Follow, as it does from servers that work from a queue.
  if (ctx.data.options.approve === "auto") arrival.afterwards.push(() => answerFollow(ctx, account, follow.id, true));
}

/** Answers a Follow that waits; returns what `deliver` does, or null when there is none of that id. */
export async function answerFollow(ctx, account, id, yes) {
  const request = account.requests.get(String(id));
  if (!request) return null;
  account.requests.delete(String(id));
  const { activity: follow, recipient } = request;
  if (yes) account.followers.set(recipient.id.href, recipient);
  const type = yes ? Accept : Reject;
  const answer = new type({
    id: ctx.data.documents.newId(ctx, type),
    actor: ctx.getActorUri(account.name),
    to: recipient.id,
    object: follow,
  });
  return deliver(ctx, account, answer, [recipient]);
}

/** Only the one who was asked can answer, whatever the activity says. */
async function followAnswered(ctx, activity, state) {
  for (const account of ctx.data.accounts.values()) {
    const follow = account.following.get(activity.actorId?.href);
    const answered = activity.objectId ?? (await activity.getObject(ctx))?.id;
    if (follow && answered?.href === follow.activity.id.href) follow.state = state;
  }
}

/** Whoever asks to quote a post of ours may, unless `--approve manual` lets them wait for good. */
async function quoteAsked(ctx, request, arrival) {
  const entry = ctx.data.documents.get(request.objectId);
  const asker = await request.getActor(ctx);
  if (!entry?.author || !isActor(asker) || ctx.data.options.approve !== "auto") return;
  const account = ctx.data.accounts.get(entry.author);
  const actor = ctx.getActorUri(account.name);
  const stamp = new QuoteAuthorization({
    id: ctx.data.documents.newId(ctx, QuoteAuthorization),
    attribution: actor,
    interactingObject: request.instrumentId,
    interactionTarget: request.objectId,
  });
  ctx.data.documents.put(stamp, { author: account.name, recipients: [asker] });
  const id = ctx.data.documents.newId(ctx, Accept);
  const answer = new Accept({ id, actor, to: asker.id, object: request, result: stamp.id });
  arrival.afterwards.push(() => deliver(ctx, account, answer, [asker]));
}

/** Puts the consent of the author of what is quoted on the post, if it is theirs. */
async function quoteGranted(ctx, accept) {
  const answered = accept.objectId ?? (await accept.getObject(ctx))?.id;
  for (const account of ctx.data.accounts.values()) {
    const request = account.quotes.get(answered?.href);
    if (request?.quoted.href !== accept.actorId?.href) continue;
    const entry = ctx.data.documents.get(request.object);
    ctx.data.documents.put(entry.document.clone({ quoteAuthorization: accept.resultId }), entry);
  }
}

async function undone(ctx, undo) {
  const inner = await undo.getObject(ctx);
  if (inner?.actorId?.href !== undo.actorId?.href) return;
  accountAt(ctx, inner?.objectId)?.followers.delete(undo.actorId.href);
}

/** An actor that deletes itself follows nobody any more. */
function deleted(ctx, { actorId, objectId }) {
  if (objectId?.href !== actorId?.href) return;
  for (const account of ctx.data.accounts.values()) account.followers.delete(actorId.href);
}

function accountAt(ctx, uri) {
  const parsed = ctx.parseUri(uri ?? null);
  return parsed?.type === "actor" ? ctx.data.accounts.get(parsed.identifier) : undefined;
}
