/**
 * What a person here can do. Each verb takes the wishes of the caller, builds the activity as common servers build it,
 * sends it, and returns `{ id, deliveries }`, with `object` where something new got an address.
 */
import * as vocab from "@fedify/vocab";
import { signRequest } from "@fedify/fedify/sig";
import { Temporal } from "@js-temporal/polyfill";

import { deliver, readersOf, summary } from "./delivery.mjs";
import { Refusal } from "./refusal.mjs";

const { PUBLIC_COLLECTION } = vocab;

/** What a post can be, by its AS2 name. */
const POSTS = { Note: vocab.Note, Article: vocab.Article, Question: vocab.Question };

/** A Follow of `{ handle | uri }`. The answer comes later, through the inbox. */
export async function follow(desk, wish) {
  const actor = await desk.findActor(wish.handle ?? wish.uri);
  const activity = desk.activity(vocab.Follow, { object: actor.id, to: actor.id });
  desk.account.following.set(actor.id.href, { activity, state: "pending", recipient: actor });
  return desk.send(activity, [actor], wish);
}

/** Undoes the Follow of `{ handle | uri }`. */
export async function unfollow(desk, wish) {
  const actor = await desk.findActor(wish.handle ?? wish.uri);
  const follow = desk.account.following.get(actor.id.href);
  if (!follow) throw new Refusal(409, `${desk.account.name} does not follow ${actor.id.href}`);
  desk.account.following.delete(actor.id.href);
  const undo = desk.activity(vocab.Undo, { object: follow.activity, to: actor.id });
  return desk.send(undo, [actor], wish);
}

/**
 * A Create of `{ content, name, summary, type, language, mention, inReplyTo, audience, visibility, options, multiple,
 * closes, quotable }`. The type is Note unless there are `options`, which make a poll. A reply mentions whom the parent was by and
 * whom it mentioned, as apps do, unless `mention` says otherwise.
 */
export async function post(desk, wish) {
  const type = POSTS[wish.type ?? (wish.options ? "Question" : "Note")];
  if (!type) throw new Refusal(400, `cannot post a ${wish.type}; one of ${Object.keys(POSTS)}`);
  const parent = wish.inReplyTo ? await desk.find(wish.inReplyTo) : null;
  const mentioned = await (wish.mention || !parent ? desk.findActors(wish.mention ?? []) : desk.partners(parent));
  const audience = addresses(desk, wish, mentioned.map((actor) => actor.id));
  const object = new type({
    id: desk.newId(type),
    attribution: desk.self,
    published: Temporal.Now.instant(),
    replyTarget: parent?.id,
    tags: await Promise.all(mentioned.map(mention)),
    audience: wish.audience ? new URL(wish.audience) : undefined,
    ...audience,
    ...text(wish),
    ...choices(wish),
    ...quotability(wish),
  });
  return publish(desk, object, recipients(desk, wish, mentioned), wish);
}

/**
 * A post of `{ uri, content }` that shows the post at `uri` within, and a QuoteRequest for it to its author (FEP-044f). What the author
 * answers comes in through the inbox.
 */
export async function quote(desk, wish) {
  const quoted = await desk.find(wish.uri);
  const author = await desk.authorOf(quoted);
  const audience = addresses(desk, wish, []);
  const object = new vocab.Note({
    id: desk.newId(vocab.Note),
    attribution: desk.self,
    published: Temporal.Now.instant(),
    quote: quoted.id,
    quoteUrl: quoted.id,
    ...audience,
    ...text(wish),
  });
  const sent = await publish(desk, object, recipients(desk, wish, []), wish);
  const request = desk.activity(vocab.QuoteRequest, { object: quoted.id, instrument: object, to: author.id });
  desk.account.quotes.set(request.id.href, { object: object.id, quoted: author.id });
  const asked = await desk.send(request, [author], wish);
  return { ...asked, object: sent.object, deliveries: [...sent.deliveries, ...asked.deliveries] };
}

/** Takes back the consent to a quote, `{ id }` of the QuoteAuthorization: from then on it is not there. */
export async function unquote(desk, wish) {
  const entry = desk.own(wish.id);
  const id = entry.document.id;
  desk.documents.put(new vocab.Tombstone({ id, deleted: Temporal.Now.instant() }), entry);
  const end = desk.activity(vocab.Delete, { object: id, to: PUBLIC_COLLECTION });
  return desk.send(end, entry.recipients, wish);
}

/** A vote: a Note with nothing but a name, to the one who asks; `{ uri, choice }`. */
export async function vote(desk, wish) {
  const question = await desk.find(wish.uri);
  const asker = await desk.authorOf(question);
  const object = new vocab.Note({
    id: desk.newId(vocab.Note),
    attribution: desk.self,
    name: wish.choice,
    replyTarget: question.id,
    to: asker.id,
  });
  return publish(desk, object, [asker], wish);
}

/** An Update of something posted here; `{ id, content, name, summary, language }`. */
export async function edit(desk, wish) {
  const entry = desk.own(wish.id);
  const object = entry.document.clone({ ...text(wish), updated: Temporal.Now.instant() });
  desk.documents.put(object, entry);
  const update = desk.activity(vocab.Update, { object, tos: object.toIds, ccs: object.ccIds });
  return desk.send(update, entry.recipients, wish);
}

/** A Delete of something posted here; its address answers 410 from now on. */
export async function remove(desk, wish) {
  const entry = desk.own(wish.id);
  const { id, toIds: tos, ccIds: ccs } = entry.document;
  const tombstone = new vocab.Tombstone({ id, deleted: Temporal.Now.instant() });
  desk.documents.put(tombstone, entry);
  return desk.send(desk.activity(vocab.Delete, { object: tombstone, tos, ccs }), entry.recipients, wish);
}

/** A Like of `{ uri }`, to its author only. */
export async function like(desk, wish) {
  const object = await desk.find(wish.uri);
  const author = await desk.authorOf(object);
  return react(desk, vocab.Like, { object: object.id, to: author.id }, [author], wish);
}

/** An Announce of `{ uri }`, to its author and the followers. */
export async function boost(desk, wish) {
  const object = await desk.find(wish.uri);
  const author = await desk.authorOf(object);
  const audience = { to: PUBLIC_COLLECTION, ccs: [desk.followers, author.id] };
  return react(desk, vocab.Announce, { object: object.id, ...audience }, [author, ...desk.account.followers.values()], wish);
}

/** Undoes a Like, for `type` Like, or a boost, for Announce, of `{ uri }`. */
export async function withdraw(desk, type, wish) {
  const key = `${type.name} ${wish.uri}`;
  const reaction = desk.account.reactions.get(key);
  if (!reaction) throw new Refusal(409, `${desk.account.name} has no ${key} to undo`);
  desk.account.reactions.delete(key);
  const { activity, recipients } = reaction;
  const { toIds: tos, ccIds: ccs } = activity;
  return desk.send(desk.activity(vocab.Undo, { object: activity, tos, ccs }), recipients, wish);
}

/** A Flag of `{ uri | uris, content }` to the author of the first, or to the actor `to`. */
export async function flag(desk, wish) {
  const uris = [wish.uris ?? wish.uri].flat();
  const subject = await desk.find(uris[0]);
  const author = vocab.isActor(subject) ? subject : await desk.authorOf(subject);
  const recipient = wish.to ? await desk.findActor(wish.to) : author;
  // Mastodon's form: the account first, then the posts.
  const objects = [...new Set([author.id.href, ...uris])].map((uri) => new URL(uri));
  const report = desk.activity(vocab.Flag, { objects, content: wish.content, to: recipient.id });
  return desk.send(report, [recipient], wish);
}

/**
 * Sends any JSON at all, `{ inbox, activity, as }`, under this person's HTTP signature: for what no honest server
 * sends. Nothing is added but a missing `@context`, `id` and `actor`.
 */
export async function raw(desk, { inbox, activity }) {
  const [rsa] = await desk.ctx.getActorKeyPairs(desk.account.name);
  const context = "https://www.w3.org/ns/activitystreams";
  const body = { "@context": context, id: desk.newId(vocab.Activity).href, actor: desk.self.href, ...activity };
  const request = new Request(inbox, {
    method: "POST",
    headers: { "content-type": "application/activity+json" },
    body: JSON.stringify(body),
  });
  const { error, exchanges } = await desk.outgoing.during(async () => {
    const spec = desk.options.firstKnock;
    const response = await fetch(await signRequest(request, rsa.privateKey, rsa.keyId, { spec }));
    if (!response.ok) throw new Error(`${response.status}: ${(await response.text()).slice(0, 1000)}`);
  });
  return { id: body.id, deliveries: [summary(inbox, exchanges, error)] };
}

/** Wraps a new object in its Create and sends it. */
async function publish(desk, object, recipients, wish) {
  desk.documents.put(object, { readers: readersOf(object, recipients), recipients, author: desk.account.name });
  const create = desk.activity(vocab.Create, { object, tos: object.toIds, ccs: object.ccIds });
  return { object: object.id.href, ...(await desk.send(create, recipients, wish)) };
}

async function react(desk, type, values, recipients, wish) {
  const activity = desk.activity(type, values);
  desk.account.reactions.set(`${type.name} ${values.object.href}`, { activity, recipients });
  return desk.send(activity, recipients, wish);
}

/** `to` and `cc` in the way of Mastodon. */
function addresses(desk, { visibility = "public" }, mentioned) {
  const everybody = PUBLIC_COLLECTION;
  const table = {
    public: { tos: [everybody], ccs: [desk.followers, ...mentioned] },
    unlisted: { tos: [desk.followers], ccs: [everybody, ...mentioned] },
    followers: { tos: [desk.followers], ccs: mentioned },
    direct: { tos: mentioned, ccs: [] },
  };
  if (!table[visibility]) throw new Refusal(400, `visibility ${visibility}: one of ${Object.keys(table)}`);
  return table[visibility];
}

function recipients(desk, { visibility }, mentioned) {
  return visibility === "direct" ? mentioned : [...mentioned, ...desk.account.followers.values()];
}

/** With a language, the text stands in `content` and in `contentMap`, as Mastodon has it. */
function text({ content, name, summary, language }) {
  const inLanguage = (value) => (language ? [value, new vocab.LanguageString(value, language)] : [value]);
  return {
    ...(content !== undefined && { contents: inLanguage(content) }),
    ...(name !== undefined && { names: inLanguage(name) }),
    ...(summary !== undefined && { summaries: inLanguage(summary) }),
  };
}

function choices({ options, multiple, closes }) {
  if (!options) return {};
  const notes = options.map((name) => new vocab.Note({ name, replies: new vocab.Collection({ totalItems: 0 }) }));
  const end = closes ? { endTime: Temporal.Instant.from(closes) } : {};
  return { ...end, [multiple ? "inclusiveOptions" : "exclusiveOptions"]: notes };
}

/** Who may quote it: everybody, or it is not said (FEP-044f). */
function quotability({ quotable }) {
  if (!quotable) return {};
  const canQuote = new vocab.InteractionRule({ automaticApproval: PUBLIC_COLLECTION });
  return { interactionPolicy: new vocab.InteractionPolicy({ canQuote }) };
}

async function mention(actor) {
  return new vocab.Mention({ href: actor.id, name: `@${actor.preferredUsername}@${actor.id.host}` });
}
