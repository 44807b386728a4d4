/**
 * What Fedify understood of a document, in plain JSON: the view that a second, independent implementation has of us.
 */
import { isActor, traverseCollection } from "@fedify/vocab";

/** Properties by the name they have in AS2, and where Fedify keeps them. */
const COMMON = {
  id: (o) => o.id,
  name: (o) => o.name,
  summary: (o) => o.summary,
  content: (o) => o.content,
  mediaType: (o) => o.mediaType,
  sensitive: (o) => o.sensitive,
  url: (o) => o.url?.href ?? o.url,
  published: (o) => o.published,
  updated: (o) => o.updated,
  attributedTo: (o) => o.attributionIds,
  to: (o) => o.toIds,
  cc: (o) => o.ccIds,
  audience: (o) => o.audienceIds,
  inReplyTo: (o) => o.replyTargetId,
  context: (o) => o.contextIds,
  quote: (o) => o.quoteId,
  quoteAuthorization: (o) => o.quoteAuthorizationId,
  interactingObject: (o) => o.interactingObjectId,
  interactionTarget: (o) => o.interactionTargetId,
  replies: (o) => o.repliesId,
  likes: (o) => o.likesId,
  shares: (o) => o.sharesId,
  actor: (o) => o.actorId,
  object: (o) => o.objectId,
  target: (o) => o.targetId,
  totalItems: (o) => o.totalItems,
  first: (o) => o.firstId,
};

const ACTOR = {
  preferredUsername: (o) => o.preferredUsername,
  inbox: (o) => o.inboxId,
  sharedInbox: (o) => o.endpoints?.sharedInbox,
  outbox: (o) => o.outboxId,
  followers: (o) => o.followersId,
  following: (o) => o.followingId,
  featured: (o) => o.featuredId,
  manuallyApprovesFollowers: (o) => o.manuallyApprovesFollowers,
  discoverable: (o) => o.discoverable,
  publicKey: (o) => o.publicKeyIds,
  assertionMethod: (o) => o.assertionMethodIds,
};

/** Describes an object; `raw` is the JSON as its server sent it. */
export async function describe(object, { contextLoader }) {
  const fields = isActor(object) ? { ...COMMON, ...ACTOR } : COMMON;
  const known = Object.entries(fields).map(([name, read]) => [name, plain(read(object))]);
  return {
    type: object.constructor.name,
    ...Object.fromEntries(known.filter(([, value]) => value !== undefined)),
    tag: await tags(object),
    raw: await object.toJsonLd({ contextLoader }),
  };
}

/** Describes up to `limit` items of a collection, page after page. */
export async function describeItems(collection, loaders, limit) {
  const items = [];
  for await (const item of traverseCollection(collection, { ...loaders, suppressError: false })) {
    items.push(await describe(item, loaders));
    if (items.length >= limit) break;
  }
  return items;
}

async function tags(object) {
  const found = [];
  if (!object.getTags) return found;
  for await (const tag of object.getTags({ suppressError: true })) {
    found.push({ type: tag.constructor.name, name: plain(tag.name), href: plain(tag.href) });
  }
  return found;
}

/** URLs, instants and language strings become text; what is not there is left out. */
function plain(value) {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return undefined;
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "object" ? value.toString() : value;
}
