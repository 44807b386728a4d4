/**
 * What this server remembers, in memory only: who lives here, whom they know, and what they published.
 */
import { randomUUID } from "node:crypto";

/** A person who lives here. */
export class Account {
  /** Actors that follow this person: actor id -> recipient. */
  followers = new Map();
  /** Actors that this person asked to follow: actor id -> `{ activity, state }`. */
  following = new Map();
  /** Likes and Announces that can be undone: "Like <object id>" -> `{ activity, recipients }`. */
  reactions = new Map();
  /** Follows that wait for /accept or /reject: activity id -> `{ activity, recipient }`. */
  requests = new Map();
  /** Quotes that ask for consent: id of the QuoteRequest -> `{ object, quoted }`, the post and the author of what it quotes. */
  quotes = new Map();
  /** Public activities in the order they were sent. */
  outbox = [];

  constructor(name, keys) {
    this.name = name;
    this.keys = keys;
  }

  /** Actor ids that accepted this person's Follow. */
  followingAccepted() {
    return [...this.following].filter(([, follow]) => follow.state === "accepted").map(([id]) => id);
  }
}

/**
 * Makes an account with one RSA key, for HTTP and linked-data signatures, and one Ed25519 key, for FEP-8b32 proofs.
 * RSA of 2048 bits, because Fedify's own generator makes 4096 and takes seconds.
 */
export async function makeAccount(name) {
  const rsa = {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  };
  const generate = (algorithm) => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return new Account(name, await Promise.all([generate(rsa), generate("Ed25519")]));
}

/** Everything with an address of its own: objects, polls and activities. */
export class Documents {
  #entries = new Map();

  /** A new address for a document of the given Fedify class. */
  newId(ctx, type) {
    return ctx.getObjectUri(type, { id: randomUUID() });
  }

  /** Keeps or replaces a document; `readers` is the set of actor ids who may see it, or null for everybody. */
  put(document, { readers = null, ...rest } = {}) {
    this.#entries.set(document.id.href, { ...rest, document, readers });
  }

  /** The entry `{ document, readers, ... }` at this address, or undefined. */
  get(id) {
    return this.#entries.get(String(id));
  }
}
