/**
 * The control API, plain http on loopback: POST a JSON wish, get a JSON answer. Any wish may say `as`, one of the
 * persons who live here.
 */
import { Announce, Collection, Like } from "@fedify/vocab";

import { describe, describeItems } from "./describe.mjs";
import { Desk } from "./desk.mjs";
import { answerFollow } from "./inbox.mjs";
import { Refusal } from "./refusal.mjs";
import * as verbs from "./verbs.mjs";
import { json } from "./web.mjs";

/** The most items that /traverse returns when it is not asked for another number. */
const DEFAULT_LIMIT = 100;

const ROUTES = {
  "POST /follow": verbs.follow,
  "POST /unfollow": verbs.unfollow,
  "POST /accept": (desk, wish) => answerRequest(desk, wish, true),
  "POST /reject": (desk, wish) => answerRequest(desk, wish, false),
  "POST /post": verbs.post,
  "POST /edit": verbs.edit,
  "POST /delete": verbs.remove,
  "POST /vote": verbs.vote,
  "POST /quote": verbs.quote,
  "POST /unquote": verbs.unquote,
  "POST /like": verbs.like,
  "POST /unlike": (desk, wish) => verbs.withdraw(desk, Like, wish),
  "POST /boost": verbs.boost,
  "POST /unboost": (desk, wish) => verbs.withdraw(desk, Announce, wish),
  "POST /flag": verbs.flag,
  "POST /raw": verbs.raw,
  "POST /lookup": lookup,
  "POST /traverse": traverse,
  "GET /received": received,
  "GET /sent": (desk) => ({ items: desk.outgoing.all() }),
  "GET /state": (desk) => state(desk.ctx),
};

/** Answers one request to the control API. */
export async function control(ctx, request) {
  const url = new URL(request.url);
  const route = ROUTES[`${request.method} ${url.pathname}`];
  if (!route) throw new Refusal(404, `no such call; there are ${Object.keys(ROUTES).join(", ")}`);
  const wish = request.method === "GET" ? Object.fromEntries(url.searchParams) : await readWish(request);
  const result = await route(deskOf(ctx, wish.as), wish);
  const failed = result.deliveries?.filter((delivery) => !delivery.ok) ?? [];
  if (failed.length === 0) return json(200, result);
  return json(502, { error: failed.map(({ inbox, error }) => `${inbox}: ${error}`).join("; "), ...result });
}

async function readWish(request) {
  try {
    return JSON.parse((await request.text()) || "{}");
  } catch (error) {
    throw new Refusal(400, `not JSON: ${error.message}`);
  }
}

function deskOf(ctx, name = ctx.data.options.persons[0]) {
  const account = ctx.data.accounts.get(name);
  if (!account) throw new Refusal(404, `nobody here is called ${name}`);
  return new Desk(ctx, account);
}

async function answerRequest(desk, { id }, yes) {
  const answer = await answerFollow(desk.ctx, desk.account, id, yes);
  if (!answer) throw new Refusal(404, `no Follow ${id} waits for ${desk.account.name}`);
  return answer;
}

async function lookup(desk, { handle, uri }) {
  return describe(await desk.find(handle ?? uri), await desk.loaders());
}

async function traverse(desk, { uri, limit = DEFAULT_LIMIT }) {
  const collection = await desk.find(uri);
  if (!(collection instanceof Collection)) throw new Refusal(422, `${uri} is a ${collection.constructor.name}`);
  const loaders = await desk.loaders();
  const items = await describeItems(collection, loaders, limit);
  return { type: collection.constructor.name, totalItems: collection.totalItems, items };
}

/**
 * Rows of the ledger. Only what Fedify accepted and had not seen before, unless `all=true`; the other parameters
 * are the filters of the ledger, and `wait` in milliseconds and `count` for how long to wait, and for how many.
 */
async function received(desk, { all, since, wait, count, type, id, actor, object, inner, recipient }) {
  const filter = { type, id, actor, object, inner, recipient, since: number("since", since) };
  if (all !== "true") Object.assign(filter, { accepted: true, duplicate: false });
  const patience = { wait: number("wait", wait), count: number("count", count ?? 1) };
  return { items: await desk.ctx.data.ledger.await(filter, patience) };
}

function number(name, text = "0") {
  if (!/^\d+$/.test(text)) throw new Refusal(400, `${name}=${text} is no number`);
  return Number(text);
}

function state({ data: { accounts } }) {
  const persons = [...accounts.values()].map((account) => ({
    name: account.name,
    followers: [...account.followers.keys()],
    following: [...account.following].map(([id, { state, activity }]) => ({ id, state, follow: activity.id.href })),
    requests: [...account.requests.keys()],
  }));
  return { persons };
}
