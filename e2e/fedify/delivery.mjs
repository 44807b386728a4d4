/**
 * Sending: one activity to the inboxes of its recipients, with a plain account of how each of them answered.
 */
import { PUBLIC_COLLECTION } from "@fedify/vocab";

/**
 * Sends at once, once to each inbox (shared where there is one) and without retries, so that a test sees the first
 * answer and not the tenth. Resolves to `{ id, deliveries }`; a failed delivery is a row with `ok: false`, no exception.
 */
export async function deliver(ctx, account, activity, recipients, { sharedInbox = true } = {}) {
  const readers = readersOf(activity, recipients);
  ctx.data.documents.put(activity, { readers });
  if (!readers) account.outbox.push(activity);
  const inboxes = byInbox(recipients, sharedInbox);
  const send = ([inbox, recipient]) => deliverTo(ctx, account, activity, inbox, recipient, sharedInbox);
  return { id: activity.id.href, deliveries: await Promise.all([...inboxes].map(send)) };
}

/** The actor ids who may fetch something that was sent to these recipients, or null if it was addressed to all. */
export function readersOf(document, recipients) {
  const isPublic = [...document.toIds, ...document.ccIds].some((id) => id.href === PUBLIC_COLLECTION.href);
  return isPublic ? null : new Set(recipients.map((recipient) => recipient.id.href));
}

async function deliverTo(ctx, account, activity, inbox, recipient, preferSharedInbox) {
  const { error, exchanges } = await ctx.data.outgoing.during(() =>
    ctx.sendActivity({ identifier: account.name }, recipient, activity, { immediate: true, preferSharedInbox }),
  );
  return summary(inbox, exchanges, error);
}

/** One delivery as a test wants to read it; `knocks` has both tries when the first signature scheme was refused. */
export function summary(inbox, exchanges, error) {
  const knocks = exchanges.filter((exchange) => exchange.method === "POST");
  const { status, scheme } = knocks.at(-1) ?? {};
  return {
    inbox,
    ok: !error,
    status,
    scheme,
    knocks: knocks.map(({ scheme, status, error }) => ({ scheme, status, error })),
    ...(error && { error: error.message }),
  };
}

function byInbox(recipients, sharedInbox) {
  const inboxes = new Map();
  for (const recipient of recipients) {
    const inbox = (sharedInbox && recipient.endpoints?.sharedInbox) || recipient.inboxId;
    if (inbox && !inboxes.has(inbox.href)) inboxes.set(inbox.href, recipient);
  }
  return inboxes;
}
