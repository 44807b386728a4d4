/** Statuses, and what is done with them. */
import assert from "node:assert/strict";

import { app, ids, refused, subject, until } from "./town.mjs";

const anna = app("anna");
const bert = app("bert");
const post = (who, status, more = {}) => who.v1.statuses.create({ status, ...more });

subject("a status: made, read, edited, taken back", async () => {
  const made = await post(anna, "Hoi #dorp", { visibility: "public", language: "nl", spoilerText: "pas op", sensitive: true });
  assert.deepEqual([made.language, made.spoilerText, made.sensitive, made.tags[0].name], ["nl", "pas op", true, "dorp"]);
  const at = bert.v1.statuses.$select(made.id);
  assert.equal((await at.fetch()).id, made.id);
  assert.deepEqual(ids(await bert.v1.statuses.fetch({ id: [made.id] })), [made.id]);
  await anna.v1.statuses.$select(made.id).update({ status: "Hallo" });
  assert.deepEqual((await at.history.list()).at(-1).content.trim(), "<p>Hallo</p>");
  assert.equal((await anna.v1.statuses.$select(made.id).source.fetch()).text, "Hallo");
  const answer = await post(bert, "Dag", { inReplyToId: made.id });
  assert.deepEqual(ids((await at.context.fetch()).descendants), [answer.id]);
  await refused(() => at.remove(), 404);
  assert.equal((await anna.v1.statuses.$select(made.id).remove()).text, "Hallo");
  await refused(() => at.fetch(), 404);
});

subject("the same request twice makes one status", async () => {
  const headers = { "Idempotency-Key": "een sleutel" };
  const make = () => anna.v1.statuses.create({ status: "Eenmaal" }, { requestInit: { headers } });
  assert.equal((await make()).id, (await make()).id);
});

subject("reactions", async () => {
  const { id } = await post(anna, "Mooi weer");
  const at = bert.v1.statuses.$select(id);
  assert.equal((await at.favourite()).favourited, true);
  assert.equal((await at.bookmark()).bookmarked, true);
  assert.equal((await at.reblog()).reblog.id, id);
  assert.equal((await at.favouritedBy.list()).length, 1);
  assert.equal((await at.rebloggedBy.list()).length, 1);
  assert.ok(ids(await bert.v1.favourites.list()).includes(id));
  assert.ok(ids(await bert.v1.bookmarks.list()).includes(id));
  await at.unreblog();
  await at.unbookmark();
  const left = await at.unfavourite();
  assert.deepEqual([left.favourited, left.reblogged, left.bookmarked, left.favouritesCount], [false, false, false, 0]);
});

subject("a poll", async () => {
  const { poll } = await post(anna, "Welke dag?", { poll: { options: ["maandag", "dinsdag"], expiresIn: 3600 } });
  const voted = await bert.v1.polls.$select(poll.id).votes.create({ choices: [1] });
  assert.deepEqual([voted.voted, voted.ownVotes, voted.votesCount], [true, [1], 1]);
  await refused(() => bert.v1.polls.$select(poll.id).votes.create({ choices: [0] }), 422);
  assert.equal((await anna.v1.polls.$select(poll.id).fetch()).options[1].votesCount, 1);
});

subject("quotes, with consent", async () => {
  const said = await post(anna, "Een bankje?");
  const quoting = await post(bert, "Twee!", { quotedStatusId: said.id });
  assert.deepEqual([quoting.quote.state, quoting.quote.quotedStatus.id], ["accepted", said.id]);
  const at = anna.v1.statuses.$select(said.id);
  assert.deepEqual(ids(await at.quotes.list()), [quoting.id]);
  const counted = await at.fetch();
  assert.deepEqual([counted.quotesCount, counted.quoteApproval.currentUser, counted.quoteApproval.automatic], [1, "automatic", ["public"]]);
  const heard = await anna.v1.notifications.list({ types: ["quote"] });
  assert.equal(heard[0].status.id, quoting.id);
  assert.equal((await at.quotes.$select(quoting.id).revoke()).quote.state, "revoked");
  const closed = await post(anna, "Liever niet", { quoteApprovalPolicy: "nobody" });
  await refused(() => post(bert, "Toch", { quotedStatusId: closed.id }), 422);
  await anna.v1.statuses.$select(closed.id).interactionPolicy.update({ quoteApprovalPolicy: "public" });
  assert.equal((await post(bert, "Nu wel", { quotedStatusId: closed.id })).quote.state, "accepted");
});

subject("scheduled", async () => {
  const at = new Date(Date.now() + 3600_000).toISOString();
  const made = await anna.v1.statuses.create({ status: "Straks", scheduledAt: at });
  assert.equal(made.scheduledAt, at);
  const later = new Date(Date.now() + 7200_000).toISOString();
  assert.equal((await anna.v1.scheduledStatuses.$select(made.id).update({ scheduledAt: later })).scheduledAt, later);
  assert.deepEqual(ids(await anna.v1.scheduledStatuses.list()), [made.id]);
  assert.equal((await anna.v1.scheduledStatuses.$select(made.id).fetch()).params.text, "Straks");
  await anna.v1.scheduledStatuses.$select(made.id).remove();
  assert.deepEqual(await anna.v1.scheduledStatuses.list(), []);
});

subject("pinned and muted", async () => {
  const { id, account } = await post(anna, "Dit is van mij");
  assert.equal((await anna.v1.statuses.$select(id).pin()).pinned, true);
  assert.deepEqual(ids(await bert.v1.accounts.$select(account.id).statuses.list({ pinned: true })), [id]);
  assert.equal((await anna.v1.statuses.$select(id).unpin()).pinned, false);
  assert.equal((await anna.v1.statuses.$select(id).mute()).muted, true);
  assert.equal((await anna.v1.statuses.$select(id).unmute()).muted, false);
});

subject("conversations", async () => {
  const { id } = await post(bert, "Psst @anna", { visibility: "direct" });
  const [first] = await until(() => anna.v1.conversations.list(), (list) => list.length > 0);
  assert.deepEqual([first.lastStatus.id, first.unread, first.accounts[0].acct], [id, true, "bert"]);
  assert.equal((await anna.v1.conversations.$select(first.id).read()).unread, false);
  await anna.v1.conversations.$select(first.id).remove();
  assert.deepEqual(await anna.v1.conversations.list(), []);
});

/** The smallest picture there is: one grey point (PNG). */
const point =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2XiMxAAAAABJRU5ErkJggg==";

subject("files", async () => {
  const file = new Blob([Buffer.from(point, "base64")], { type: "image/png" });
  const made = await anna.v2.media.create({ file, description: "een punt", focus: "0,0.5" });
  assert.deepEqual([made.type, made.description], ["image", "een punt"]);
  assert.equal((await anna.v1.media.$select(made.id).update({ description: "een grijze punt" })).description, "een grijze punt");
  const { mediaAttachments } = await anna.v1.statuses.create({ status: "Zie", mediaIds: [made.id] });
  assert.deepEqual([ids(mediaAttachments), mediaAttachments[0].description], [[made.id], "een grijze punt"]);
  assert.equal((await fetch(mediaAttachments[0].url)).status, 200);
});
