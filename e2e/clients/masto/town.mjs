/**
 * The town under test, from what the environment says: its address, and the tokens of its people.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";
import WebSocket from "ws";

// What masto finds in a browser and in Node.js 22.
globalThis.WebSocket ??= WebSocket;
Promise.withResolvers ??= () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const { MEENT_URL: url, MEENT_STREAMS: streamingApiUrl, MEENT_TOKENS: tokens, MEENT_AWAITED: awaited = "" } = process.env;
const tokenOf = JSON.parse(tokens);

/** The app of somebody: anna and bert live there, dora administers; without a name nobody in particular. */
export const app = (name) => createRestAPIClient({ url, accessToken: tokenOf[name] });

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

/**
 * A test of one subject. Of a subject that the town does not answer yet the test must fail: one that passes is to be
 * struck from what is awaited.
 */
export function subject(name, run) {
  const waits = awaited.split(",").includes(name);
  test(name, async () => {
    if (waits) await assert.rejects(run(), undefined, `${name} is answered now: strike it from what is awaited`);
    else await run();
  });
}

/** The ids of a list of anything. */
export const ids = (list) => list.map(({ id }) => id);

/** Waits until a call answers what is wanted. */
export async function until(call, wanted) {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await call();
    if (wanted(answer)) return answer;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error("it never came");
}
