/**
 * The fence around this process. Names of test hosts come from a hosts file, every other name does not exist, and no
 * request leaves loopback. What goes over the fence is written down, so that a test can see which signature scheme was
 * tried, and how it was answered.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import dns from "node:dns";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";

import { isLoopback } from "./options.mjs";

/** The signature scheme that a message's headers claim: "rfc9421", "cavage" or "none". */
export function signatureScheme(headers) {
  if (headers.has("signature-input")) return "rfc9421";
  return headers.has("signature") ? "cavage" : "none";
}

/** Puts up the fence for the whole process and returns the log of what went out. */
export function putUpFence(hostsFile) {
  const lookup = dns.lookup;
  // node:net asks for `dns.lookup` anew at each connection, fetch() included, so this reaches every socket.
  dns.lookup = (name, options, callback = options) => {
    const address = name === "localhost" || isIP(name) ? null : find(hostsFile, name);
    if (address === undefined) return void process.nextTick(callback, notFound(name));
    return lookup(address ?? name, options, callback);
  };
  const log = new OutgoingLog();
  const fetch = globalThis.fetch;
  globalThis.fetch = (input, init) => log.around(input, init, () => fetch(input, init));
  return log;
}

/** Remembers each outgoing request: all of them, and apart from that those which one piece of work caused. */
class OutgoingLog {
  #all = [];
  #current = new AsyncLocalStorage();

  /** Every request so far, oldest first. */
  all() {
    return this.#all;
  }

  /** Runs `work` and returns `{ result | error, exchanges }`: it never throws. */
  async during(work) {
    const exchanges = [];
    try {
      return { result: await this.#current.run(exchanges, work), exchanges };
    } catch (error) {
      return { error, exchanges };
    }
  }

  async around(input, init, send) {
    const url = new URL(input.url ?? input);
    const headers = new Headers(init?.headers ?? input.headers);
    const exchange = { method: init?.method ?? input.method ?? "GET", url: url.href, scheme: signatureScheme(headers) };
    this.#all.push(exchange);
    this.#current.getStore()?.push(exchange);
    try {
      const response = await stayInside(url, send);
      exchange.status = response.status;
      return response;
    } catch (error) {
      exchange.error = String(error.cause?.message ?? error.message);
      throw error;
    }
  }
}

/** An address written out in the URL never passes dns.lookup, so it is stopped here. */
async function stayInside(url, send) {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) && !isLoopback(host)) throw new TypeError(`${host} is outside of loopback`);
  return send();
}

/** The address of a name; undefined if the file has none or points outside. */
function find(hostsFile, name) {
  if (!hostsFile) return undefined;
  for (const line of readFileSync(hostsFile, "utf8").split("\n")) {
    const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (names.includes(name)) return isLoopback(address) ? address : undefined;
  }
  return undefined;
}

function notFound(name) {
  const error = new Error(`no test host is called ${name}`);
  return Object.assign(error, { code: "ENOTFOUND", errno: -3008, syscall: "getaddrinfo", hostname: name });
}
