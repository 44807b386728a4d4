/**
 * The ActivityPub side: what Fedify is told about this server.
 */
import { createFederation, MemoryKvStore } from "@fedify/fedify";
import { respondWithObject } from "@fedify/fedify/federation";
import { verifyRequestDetailed } from "@fedify/fedify/sig";
import * as vocab from "@fedify/vocab";

import { receive } from "./inbox.mjs";
import { columns } from "./ledger.mjs";
import { signatureScheme } from "./loopback.mjs";
import { json } from "./web.mjs";

/** Every class whose instances get an address here, `/note/1234` and so on. */
const ADDRESSABLE = [
  ...[vocab.Note, vocab.Article, vocab.Question],
  ...[vocab.Create, vocab.Update, vocab.Delete, vocab.Follow, vocab.Accept, vocab.Reject],
  ...[vocab.Undo, vocab.Like, vocab.Announce, vocab.Flag, vocab.Activity],
  ...[vocab.QuoteRequest, vocab.QuoteAuthorization],
];

/** Tells Fedify about the town `{ options, origin, accounts, documents, ledger }`, which is every callback's `ctx.data`. */
export function buildFederation(town) {
  const { options, origin } = town;
  const federation = createFederation({
    kv: new MemoryKvStore(),
    origin,
    firstKnock: options.firstKnock,
    allowPrivateAddress: true, // the fence in loopback.mjs is narrower than Fedify's own
    userAgent: { software: `${options.software.name}/${options.software.version}`, url: origin },
  });
  addActors(federation, town);
  addCollections(federation, town);
  addDocuments(federation, town);
  federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => nodeInfo(town));
  const inbox = federation.setInboxListeners("/users/{identifier}/inbox", "/inbox");
  inbox.on(vocab.Activity, receive);
  inbox.onError((ctx, error) => town.arrival.getStore()?.errors.push(error.message));
  inbox.setSharedKeyDispatcher(() => ({ identifier: options.persons[0] }));
  return federation;
}

/** Answers one request to the public side. */
export async function answer(federation, town, request) {
  if (request.method === "POST") return answerPost(federation, town, request);
  const entry = town.documents.get(request.url);
  if (entry?.document instanceof vocab.Tombstone) return gone(federation, town, entry.document);
  return federation.fetch(request, { contextData: town });
}

/** Lets Fedify judge a POST, enters it in the ledger, and only then answers: what was answered can be found. */
async function answerPost(federation, town, request) {
  const copy = request.clone();
  const arrival = { reached: false, errors: [], afterwards: [] };
  const response = await town.arrival.run(arrival, () => federation.fetch(request, { contextData: town }));
  const accepted = response.ok;
  town.ledger.enter({
    inbox: new URL(copy.url).pathname,
    status: response.status,
    accepted,
    duplicate: accepted && !arrival.reached,
    errors: [...arrival.errors, ...(accepted ? [] : [await response.clone().text()])],
    ...(await readPost(federation, town, copy)),
  });
  for (const work of arrival.afterwards) setImmediate(work);
  return response;
}

/**
 * What can be said of a POST beside Fedify's judgement. Fedify believes a proof or a linked-data signature without a look
 * at the HTTP signature; a test wants to know about that one too, so it is always checked here.
 */
async function readPost(federation, town, request) {
  const { documentLoader, contextLoader } = federation.createContext(new URL(town.origin), town);
  const verdict = await verifyRequestDetailed(request.clone(), { documentLoader, contextLoader });
  const text = await request.text();
  const activity = parse(text);
  return {
    recipient: /^\/users\/([^/]+)\/inbox$/.exec(new URL(request.url).pathname)?.[1] ?? null,
    ...columns(activity),
    signature: {
      scheme: signatureScheme(request.headers),
      valid: verdict.verified,
      keyId: (verdict.key?.id ?? verdict.reason?.keyId)?.href ?? null,
      reason: verdict.reason?.type ?? null,
    },
    activity: activity ?? text,
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function gone(federation, town, tombstone) {
  const { contextLoader } = federation.createContext(new URL(town.origin), town);
  const { headers, body } = await respondWithObject(tombstone, { contextLoader });
  return new Response(body, { status: 410, headers });
}

function addActors(federation, town) {
  federation
    .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
      if (!town.accounts.has(identifier)) return null;
      return person(ctx, identifier, await ctx.getActorKeyPairs(identifier));
    })
    .setKeyPairsDispatcher((ctx, identifier) => town.accounts.get(identifier)?.keys ?? []);
}

function person(ctx, identifier, keys) {
  const id = ctx.getActorUri(identifier);
  return new vocab.Person({
    id,
    url: id,
    preferredUsername: identifier,
    name: identifier,
    inbox: ctx.getInboxUri(identifier),
    outbox: ctx.getOutboxUri(identifier),
    followers: ctx.getFollowersUri(identifier),
    following: ctx.getFollowingUri(identifier),
    endpoints: new vocab.Endpoints({ sharedInbox: ctx.getInboxUri() }),
    manuallyApprovesFollowers: ctx.data.options.approve === "manual",
    publicKey: keys[0].cryptographicKey,
    assertionMethods: keys.map((key) => key.multikey),
  });
}

/** Collections are small here: each is served whole. */
function addCollections(federation, { accounts }) {
  const whole = (items) => (ctx, name) => (accounts.has(name) ? { items: items(accounts.get(name)) } : null);
  federation.setFollowersDispatcher("/users/{identifier}/followers", whole((account) => [...account.followers.values()]));
  federation.setFollowingDispatcher(
    "/users/{identifier}/following",
    whole((account) => account.followingAccepted().map((id) => new URL(id))),
  );
  federation.setOutboxDispatcher("/users/{identifier}/outbox", whole((account) => account.outbox));
}

function addDocuments(federation, { documents }) {
  for (const type of ADDRESSABLE) {
    const at = (ctx, { id }) => documents.get(ctx.getObjectUri(type, { id }));
    federation
      .setObjectDispatcher(type, `/${type.name.toLowerCase()}/{id}`, (ctx, values) => at(ctx, values)?.document ?? null)
      .authorize(async (ctx, values) => mayRead(ctx, at(ctx, values)));
  }
}

async function mayRead(ctx, entry) {
  if (!entry?.readers) return true;
  const reader = await ctx.getSignedKeyOwner();
  return entry.readers.has(reader?.id?.href);
}

function nodeInfo({ options, accounts }) {
  return {
    software: options.software,
    protocols: ["activitypub"],
    usage: { users: { total: accounts.size }, localPosts: 0, localComments: 0 },
  };
}
