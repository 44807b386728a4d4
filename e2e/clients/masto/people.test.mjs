/** People: oneself, others, and how one stands to them. */
import assert from "node:assert/strict";

import { app, ids, oauth, refused, subject } from "./town.mjs";

const anna = app("anna");
const bert = app("bert");
const other = (await anna.v1.accounts.lookup({ acct: "bert" })).id;
const self = (await anna.v1.accounts.verifyCredentials()).id;

subject("an app registers, and has a token of its own", async () => {
  const nobody = app();
  const made = await nobody.v1.apps.create({ clientName: "Toets", redirectUris: "urn:ietf:wg:oauth:2.0:oob", scopes: "read" });
  const token = await oauth().token.create({ grantType: "client_credentials", clientId: made.clientId, clientSecret: made.clientSecret });
  assert.equal(token.tokenType, "Bearer");
  await oauth().revoke({ clientId: made.clientId, clientSecret: made.clientSecret, token: token.accessToken });
  await refused(() => nobody.v1.accounts.verifyCredentials(), 401);
});

subject("one's own profile", async () => {
  const changed = await anna.v1.accounts.updateCredentials({
    displayName: "Anna Bakker",
    note: "Fietst graag",
    fieldsAttributes: [{ name: "Site", value: "https://anna.example" }],
    source: { quotePolicy: "followers", language: "nl" },
  });
  assert.deepEqual(
    [changed.displayName, changed.source.note, changed.source.fields[0].name, changed.source.quotePolicy],
    ["Anna Bakker", "Fietst graag", "Site", "followers"],
  );
  const preferences = await anna.v1.preferences.fetch();
  assert.equal(preferences["posting:default:quote_policy"], "followers");
  await anna.v1.accounts.updateCredentials({ source: { quotePolicy: "public" } });
});

subject("others are found", async () => {
  assert.equal((await anna.v1.accounts.$select(other).fetch()).acct, "bert");
  assert.deepEqual(ids(await anna.v1.accounts.fetch({ id: [other] })), [other]);
  assert.deepEqual(ids(await anna.v1.accounts.search.list({ q: "ber" })), [other]);
  assert.ok(Array.isArray(await anna.v1.directory.list({ local: true })));
  assert.ok(Array.isArray(await anna.v2.suggestions.list()));
  await bert.v1.statuses.create({ status: "Gevonden" });
  assert.ok((await anna.v1.accounts.$select(other).statuses.list({ excludeReplies: true })).length > 0);
});

subject("relations", async () => {
  const at = anna.v1.accounts.$select(other);
  assert.equal((await at.follow()).following, true);
  assert.ok(ids(await anna.v1.accounts.$select(self).following.list()).includes(other));
  assert.ok(ids(await anna.v1.accounts.$select(other).followers.list()).includes(self));
  assert.equal((await anna.v1.accounts.relationships.fetch({ id: [other] }))[0].following, true);
  assert.ok(Array.isArray(await anna.v1.accounts.familiarFollowers.fetch({ id: [other] })));
  assert.equal((await at.mute({ duration: 60 })).muting, true);
  assert.deepEqual(ids(await anna.v1.mutes.list()), [other]);
  assert.equal((await at.unmute()).muting, false);
  assert.equal((await at.unfollow()).following, false);
  assert.equal((await at.block()).blocking, true);
  assert.deepEqual(ids(await anna.v1.blocks.list()), [other]);
  assert.equal((await at.unblock()).blocking, false);
});

subject("requests to follow", async () => {
  await bert.v1.accounts.updateCredentials({ locked: true });
  assert.equal((await anna.v1.accounts.$select(other).follow()).requested, true);
  assert.deepEqual(ids(await bert.v1.followRequests.list()), [self]);
  assert.equal((await bert.v1.followRequests.$select(self).authorize()).followedBy, true);
  assert.equal((await bert.v1.accounts.$select(self).removeFromFollowers()).followedBy, false);
  await anna.v1.accounts.$select(other).follow();
  assert.equal((await bert.v1.followRequests.$select(self).reject()).followedBy, false);
  await bert.v1.accounts.updateCredentials({ locked: false });
});

subject("notes and endorsements", async () => {
  const at = anna.v1.accounts.$select(other);
  await at.follow();
  assert.equal((await at.note.create({ comment: "van de bakker" })).note, "van de bakker");
  assert.equal((await at.pin()).endorsed, true);
  assert.deepEqual(ids(await anna.v1.endorsements.list()), [other]);
  assert.equal((await at.unpin()).endorsed, false);
  await at.unfollow();
});

subject("lists", async () => {
  await anna.v1.accounts.$select(other).follow();
  const made = await anna.v1.lists.create({ title: "Buren", repliesPolicy: "list", exclusive: true });
  assert.deepEqual([made.title, made.repliesPolicy, made.exclusive], ["Buren", "list", true]);
  const at = anna.v1.lists.$select(made.id);
  await at.accounts.create({ accountIds: [other] });
  assert.deepEqual(ids(await at.accounts.list()), [other]);
  assert.deepEqual(ids(await anna.v1.accounts.$select(other).lists.list()), [made.id]);
  const { id } = await bert.v1.statuses.create({ status: "Dag buren" });
  assert.equal((await anna.v1.timelines.list.$select(made.id).list())[0].id, id);
  assert.equal((await at.update({ title: "De buren" })).title, "De buren");
  await at.accounts.remove({ accountIds: [other] });
  await at.remove();
  await refused(() => at.fetch(), 404);
  await anna.v1.accounts.$select(other).unfollow();
});

subject("hashtags", async () => {
  assert.equal((await anna.v1.tags.$select("markt").follow()).following, true);
  assert.deepEqual((await anna.v1.followedTags.list()).map(({ name }) => name), ["markt"]);
  assert.equal((await anna.v1.tags.$select("markt").unfollow()).following, false);
  const featured = await anna.v1.featuredTags.create({ name: "fietsen" });
  assert.deepEqual(ids(await anna.v1.accounts.$select(self).featuredTags.list()), [featured.id]);
  await anna.v1.featuredTags.$select(featured.id).remove();
});

subject("blocked hosts", async () => {
  await anna.v1.domainBlocks.create({ domain: "kwaad.example" });
  assert.deepEqual(await anna.v1.domainBlocks.list(), ["kwaad.example"]);
  await anna.v1.domainBlocks.remove({ domain: "kwaad.example" });
  assert.deepEqual(await anna.v1.domainBlocks.list(), []);
});

subject("a report", async () => {
  const { id } = await bert.v1.statuses.create({ status: "Lelijk" });
  const made = await anna.v1.reports.create({ accountId: other, statusIds: [id], comment: "hm", category: "spam" });
  assert.deepEqual([made.category, made.statusIds, made.targetAccount.id], ["spam", [id], other]);
});
