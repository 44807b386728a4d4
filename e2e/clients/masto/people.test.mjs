/** People: oneself, others, and how one stands to them. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { app, holding, ids, oauth, picture, refused } from "./town.mjs";

const anna = app("anna");
const bert = app("bert");
const other = (await anna.v1.accounts.lookup({ acct: "bert" })).id;
const self = (await anna.v1.accounts.verifyCredentials()).id;

test("an app registers, and has a token of its own", async () => {
  const nobody = app();
  const made = await nobody.v1.apps.create({ clientName: "Toets", redirectUris: "urn:ietf:wg:oauth:2.0:oob", scopes: "read" });
  const token = await oauth().token.create({ grantType: "client_credentials", clientId: made.clientId, clientSecret: made.clientSecret });
  assert.equal(token.tokenType, "Bearer");
  assert.equal((await holding(token.accessToken).v1.apps.verifyCredentials()).name, "Toets");
  await oauth().revoke({ clientId: made.clientId, clientSecret: made.clientSecret, token: token.accessToken });
  await refused(() => nobody.v1.accounts.verifyCredentials(), 401);
});

test("one's own profile", async () => {
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

test("one's own profile, in the later way", async () => {
  const changed = await anna.v1.profile.update({ displayName: "Anna B.", avatar: picture(), avatarDescription: "grijs", header: picture() });
  assert.deepEqual([changed.displayName, changed.avatarDescription], ["Anna B.", "grijs"]);
  assert.ok(changed.avatar && changed.header);
  assert.equal((await anna.v1.profile.fetch()).avatar, changed.avatar);
  await anna.v1.profile.avatar.remove();
  await anna.v1.profile.header.remove();
  assert.equal((await anna.v1.profile.fetch()).avatarDescription, "");
});

test("somebody signs up", async () => {
  const { clientId, clientSecret } = await app().v1.apps.create({
    clientName: "Welkom",
    redirectUris: "urn:ietf:wg:oauth:2.0:oob",
    scopes: "read write",
  });
  const itself = await oauth().token.create({ grantType: "client_credentials", clientId, clientSecret, scope: "read write" });
  const made = await holding(itself.accessToken).v1.accounts.create({
    username: "dirk",
    email: "dirk@elders.example",
    password: "een lang wachtwoord",
    agreement: true,
    locale: "nl",
  });
  const dirk = holding(made.accessToken);
  await refused(() => dirk.v1.timelines.home.list(), 403);
  await dirk.v1.emails.confirmations.create({ email: "dirk@hier.example" });
});

test("others are found", async () => {
  assert.equal((await anna.v1.accounts.$select(other).fetch()).acct, "bert");
  assert.deepEqual(ids(await anna.v1.accounts.fetch({ id: [other] })), [other]);
  assert.deepEqual(ids(await anna.v1.accounts.search.list({ q: "ber" })), [other]);
  assert.ok(Array.isArray(await anna.v1.directory.list({ local: true })));
  assert.ok(Array.isArray(await anna.v1.suggestions.list()));
  assert.ok(Array.isArray(await anna.v2.suggestions.list()));
  await anna.v1.suggestions.$select(other).remove();
  assert.ok(!(await anna.v2.suggestions.list()).some(({ account }) => account.id === other));
  assert.deepEqual(await anna.v1.accounts.$select(other).identityProofs.list(), []);
  await bert.v1.statuses.create({ status: "Gevonden" });
  assert.ok((await anna.v1.accounts.$select(other).statuses.list({ excludeReplies: true })).length > 0);
});

test("relations", async () => {
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

test("requests to follow", async () => {
  await bert.v1.accounts.updateCredentials({ locked: true });
  assert.equal((await anna.v1.accounts.$select(other).follow()).requested, true);
  assert.deepEqual(ids(await bert.v1.followRequests.list()), [self]);
  assert.equal((await bert.v1.followRequests.$select(self).authorize()).followedBy, true);
  assert.equal((await bert.v1.accounts.$select(self).removeFromFollowers()).followedBy, false);
  await anna.v1.accounts.$select(other).follow();
  assert.equal((await bert.v1.followRequests.$select(self).reject()).followedBy, false);
  await bert.v1.accounts.updateCredentials({ locked: false });
});

test("notes and endorsements", async () => {
  const at = anna.v1.accounts.$select(other);
  await at.follow();
  assert.equal((await at.note.create({ comment: "van de bakker" })).note, "van de bakker");
  assert.equal((await at.pin()).endorsed, true);
  assert.deepEqual(ids(await anna.v1.endorsements.list()), [other]);
  assert.equal((await at.unpin()).endorsed, false);
  assert.equal((await at.endorse()).endorsed, true);
  assert.deepEqual(ids(await bert.v1.accounts.$select(self).endorsements.list()), [other]);
  assert.equal((await at.unendorse()).endorsed, false);
  await at.unfollow();
});

test("lists", async () => {
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

test("hashtags", async () => {
  assert.equal((await anna.v1.tags.$select("markt").follow()).following, true);
  assert.deepEqual((await anna.v1.followedTags.list()).map(({ name }) => name), ["markt"]);
  assert.equal((await anna.v1.tags.$select("markt").unfollow()).following, false);
  const featured = await anna.v1.featuredTags.create({ name: "fietsen" });
  assert.deepEqual(ids(await anna.v1.accounts.$select(self).featuredTags.list()), [featured.id]);
  assert.deepEqual(ids(await anna.v1.featuredTags.list()), [featured.id]);
  await anna.v1.featuredTags.$select(featured.id).remove();
  await anna.v1.statuses.create({ status: "Stroopwafels op de #markt" });
  assert.ok((await anna.v1.featuredTags.suggestions.list()).some(({ name }) => name === "markt"));
  assert.equal((await anna.v1.tags.$select("markt").feature()).featuring, true);
  assert.equal((await anna.v1.tags.$select("markt").unfeature()).featuring, false);
});

test("blocked hosts", async () => {
  await anna.v1.domainBlocks.create({ domain: "kwaad.example" });
  assert.deepEqual(await anna.v1.domainBlocks.list(), ["kwaad.example"]);
  await anna.v1.domainBlocks.remove({ domain: "kwaad.example" });
  assert.deepEqual(await anna.v1.domainBlocks.list(), []);
});

test("a report", async () => {
  const { id } = await bert.v1.statuses.create({ status: "Lelijk" });
  const made = await anna.v1.reports.create({ accountId: other, statusIds: [id], comment: "hm", category: "spam" });
  assert.deepEqual([made.category, made.statusIds, made.targetAccount.id], ["spam", [id], other]);
});

test("collections of whom to follow", async () => {
  await anna.v1.accounts.$select(other).follow();
  const { collection } = await anna.v1.collections.create({ name: "Buurtgenoten", accountIds: [other] });
  const at = anna.v1.collections.$select(collection.id);
  const read = await at.fetch();
  assert.deepEqual([read.collection.name, ids(read.accounts).includes(other)], ["Buurtgenoten", true]);
  assert.deepEqual(ids((await bert.v1.accounts.$select(self).collections.list()).collections), [collection.id]);
  assert.deepEqual(ids((await bert.v1.accounts.$select(other).inCollections.list()).collections), [collection.id]);
  assert.equal((await at.update({ name: "Buren" })).collection.name, "Buren");
  const { id } = (await at.fetch()).collection.items[0];
  await bert.v1.collections.$select(collection.id).items.$select(id).revoke();
  const group = (await anna.v1.accounts.lookup({ acct: "fietsen" })).id;
  const { collectionItem } = await at.items.create({ accountId: group });
  assert.equal(collectionItem.accountId, group);
  await at.items.$select(collectionItem.id).remove();
  await at.remove();
  await refused(() => at.fetch(), 404);
  await anna.v1.accounts.$select(other).unfollow();
});
