#!/usr/bin/env node
/**
 * A small independent ActivityPub server on Fedify, for Meent's end-to-end tests: `node peer.mjs --help`.
 */
import { AsyncLocalStorage } from "node:async_hooks";

import { makeAccount, Documents } from "./accounts.mjs";
import { control } from "./control.mjs";
import { answer, buildFederation } from "./federation.mjs";
import { Ledger } from "./ledger.mjs";
import { putUpFence } from "./loopback.mjs";
import { readOptions, UsageError } from "./options.mjs";
import { serve } from "./web.mjs";

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) console.log(options.help);
  else await run(options);
} catch (error) {
  console.error(error instanceof UsageError ? `peer: ${error.message} (--help shows the flags)` : error);
  process.exit(error instanceof UsageError ? 2 : 1);
}

async function run(options) {
  const origin = `${options.tls ? "https" : "http"}://${options.host}`;
  const accounts = await Promise.all(options.persons.map(makeAccount));
  const town = {
    options,
    origin,
    accounts: new Map(accounts.map((account) => [account.name, account])),
    documents: new Documents(),
    ledger: new Ledger(),
    outgoing: putUpFence(options.hostsFile),
    arrival: new AsyncLocalStorage(), // what happens while one POST is being judged
  };
  const federation = buildFederation(town);
  const ctx = federation.createContext(new URL(origin), town);
  await serve(options.listen, { origin, tls: options.tls, handle: (request) => answer(federation, town, request) });
  const desk = await serve(options.control, {
    origin: "http://control.invalid",
    handle: (request) => control(ctx, request),
  });
  stopWithItsOwner(options);
  console.log(JSON.stringify(readyLine(ctx, desk.address())));
}

function readyLine(ctx, { address, port }) {
  const persons = ctx.data.options.persons.map((name) => ({
    name,
    handle: `@${name}@${ctx.data.options.host}`,
    id: ctx.getActorUri(name).href,
    inbox: ctx.getInboxUri(name).href,
  }));
  const host = address.includes(":") ? `[${address}]` : address;
  return { ready: true, origin: ctx.data.origin, control: `http://${host}:${port}`, persons };
}

function stopWithItsOwner({ tethered }) {
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
  if (!tethered) return;
  process.stdin.on("end", () => process.exit(0));
  process.stdin.resume();
}
