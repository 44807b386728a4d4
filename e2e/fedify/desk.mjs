/**
 * The desk at which one person works: whatever the verbs need to find others and to send. It is made anew for each wish.
 */
import { isActor, Mention } from "@fedify/vocab";

import { deliver } from "./delivery.mjs";
import { Refusal } from "./refusal.mjs";

export class Desk {
  constructor(ctx, account) {
    this.ctx = ctx;
    this.account = account;
    this.documents = ctx.data.documents;
    this.outgoing = ctx.data.outgoing;
    this.options = ctx.data.options;
    this.self = ctx.getActorUri(account.name);
    this.followers = ctx.getFollowersUri(account.name);
  }

  newId(type) {
    return this.documents.newId(this.ctx, type);
  }

  /** An activity of this person's, with an address of its own. */
  activity(type, values) {
    return new type({ id: this.newId(type), actor: this.self, ...values });
  }

  /** Sends to each of the recipients but the sender. */
  send(activity, recipients, { sharedInbox }) {
    const others = recipients.filter((recipient) => recipient.id.href !== this.self.href);
    return deliver(this.ctx, this.account, activity, others, { sharedInbox });
  }

  /** What this person published here, not yet deleted. */
  own(id) {
    const entry = this.documents.get(id);
    if (entry?.author !== this.account.name) throw new Refusal(404, `${this.account.name} has not posted ${id}`);
    if (entry.document.constructor.name === "Tombstone") throw new Refusal(410, `${id} is deleted`);
    return entry;
  }

  /** Loaders whose requests bear this person's signature, so that a closed door can open. */
  async loaders() {
    const documentLoader = await this.ctx.getDocumentLoader({ identifier: this.account.name });
    return { documentLoader, contextLoader: this.ctx.contextLoader };
  }

  /** Fetches an object by its URI, or an actor by its handle; a Refusal tells what the other server answered. */
  async find(name) {
    if (!name) throw new Refusal(400, "nothing to look up: give a handle or a uri");
    const loaders = await this.loaders();
    const { result, error, exchanges } = await this.outgoing.during(() => this.ctx.lookupObject(name, loaders));
    if (result) return result;
    const tries = exchanges.map(({ method, url, status, error }) => `${method} ${url}: ${status ?? error}`);
    throw new Refusal(502, [`cannot look up ${name}`, error?.message, ...tries].filter(Boolean).join("; "));
  }

  async findActor(name) {
    const found = await this.find(name);
    if (!isActor(found)) throw new Refusal(422, `${name} is a ${found.constructor.name} and no actor`);
    if (!found.inboxId) throw new Refusal(422, `${name} has no inbox`);
    return found;
  }

  findActors(names) {
    return Promise.all(names.map((name) => this.findActor(name)));
  }

  authorOf(object) {
    if (!object.attributionId) throw new Refusal(422, `${object.id} has no author`);
    return this.findActor(object.attributionId.href);
  }

  /** The others in a conversation: who wrote the parent, and whom it mentions. */
  async partners(parent) {
    const ids = new Set([parent.attributionId?.href]);
    for await (const tag of parent.getTags(await this.loaders())) {
      if (tag instanceof Mention && tag.href) ids.add(tag.href.href);
    }
    ids.delete(undefined);
    ids.delete(this.self.href);
    return this.findActors([...ids]);
  }
}
