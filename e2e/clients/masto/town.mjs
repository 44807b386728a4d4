/**
 * The town under test, from what the environment says: its address, and the tokens of its people.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";
import WebSocket from "ws";

// What masto finds in a browser and in Node.js 22.
globalThis.WebSocket ??= WebSocket;
Promise.withResolvers ??= () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const { MEENT_URL: url, MEENT_CALLED: folder, MEENT_STREAMS: streamingApiUrl, MEENT_TOKENS: tokens } = process.env;
const tokenOf = JSON.parse(tokens);

/** The app of somebody: anna, bert and cor live there, dora administers; without a name nobody in particular. */
export const app = (name) => holding(tokenOf[name]);

/** The app that holds a token. */
export const holding = (accessToken) => watched(createRestAPIClient({ url, accessToken }), []);

const called = new Set();

/** The same client, which remembers the names of the calls that are made: v1.statuses.create, v1.statuses.$select.remove. */
function watched(target, path) {
  return new Proxy(target, {
    get: (on, name) => (typeof name === "symbol" || name === "then" ? on[name] : watched(on[name], [...path, name])),
    apply(call, _, given) {
      if (path.at(-1) === "$select") return watched(call(...given), path);
      called.add(path.join("."));
      return call(...given);
    },
  });
}

process.on("exit", () => writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify([...called])));

/** The sign-in side of the town. */
export const oauth = () => createOAuthAPIClient({ url });

/** What somebody's app hears. */
export const streams = (name) =>
  createStreamingAPIClient({ streamingApiUrl, accessToken: tokenOf[name], implementation: WebSocket, retry: false });

/** A call that must be refused with this number, and say why. */
export async function refused(call, status) {
  await assert.rejects(async () => await call(), (error) => {
    assert.equal(error.statusCode, status, error.message);
    assert.ok(error.message);
    return true;
  });
}

/** The ids of a list of anything. */
export const ids = (list) => list.map(({ id }) => id);

/** One grey point (PNG). */
export const picture = () =>
  new Blob([Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==", "base64")], {
    type: "image/png",
  });

/** Waits until a call answers what is wanted. */
export async function until(call, wanted) {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await call();
    if (wanted(answer)) return answer;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error("it never came");
}
