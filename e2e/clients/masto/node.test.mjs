/** The node, its timelines, and what people hear. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { app, ids, refused, streams, until } from "./town.mjs";

const anna = app("anna");
const bert = app("bert");
const cor = app("cor");
const dora = app("dora");
const nobody = app();

test("the node says what it is", async () => {
  const v2 = await nobody.v2.instance.fetch();
  assert.match(v2.version, /^4\.\d\.\d \(compatible; Meent /);
  assert.ok(v2.apiVersions.mastodon >= 2);
  assert.equal((await nobody.v1.instance.fetch()).version, v2.version);
  assert.ok(Array.isArray(await nobody.v1.instance.rules.list()));
  assert.ok(Array.isArray(await nobody.v1.instance.peers.list()));
  assert.ok((await nobody.v1.instance.extendedDescription.fetch()).content !== undefined);
  assert.ok((await nobody.v1.instance.languages.list()).length > 0);
  await refused(() => nobody.v1.instance.domainBlocks.fetch(), 404); // the town does not publish them
  assert.ok(Array.isArray(await nobody.v1.customEmojis.list()));
  assert.ok(Array.isArray(await anna.v1.announcements.list()));
  for (const trends of [nobody.v1.trends.tags, nobody.v1.trends.statuses, nobody.v1.trends.links]) {
    assert.ok(Array.isArray(await trends.list()));
  }
});

test("timelines, page by page", async () => {
  const made = [];
  for (let n = 0; n < 5; n++) made.unshift((await bert.v1.statuses.create({ status: `Bericht ${n} #reeks` })).id);
  const read = [];
  for await (const page of anna.v1.timelines.tag.$select("reeks").list({ limit: 2 })) read.push(...ids(page));
  assert.deepEqual(read, made);
  assert.equal((await nobody.v1.timelines.public.list({ local: true, limit: 1 }))[0].id, made[0]);
  assert.equal((await bert.v1.timelines.home.list({ limit: 1, sinceId: made[1] }))[0].id, made[0]);
  await refused(() => anna.v1.timelines.link.list({ url: "https://krant.example/" }), 404); // nobody linked to it
});

test("a group, as apps see it", async () => {
  const group = await anna.v1.accounts.lookup({ acct: "fietsen" });
  assert.deepEqual([group.group, group.bot], [true, false]);
  await anna.v1.accounts.$select(group.id).follow();
  const thread = await bert.v1.statuses.create({ status: "@fietsen Nieuwe brug\n\nVanaf mei.", visibility: "public" });
  assert.match(thread.content, /^<p><strong>Nieuwe brug<\/strong><\/p>/);
  const home = await anna.v1.timelines.home.list();
  assert.deepEqual([home[0].account.id, home[0].content, home[0].reblog.id], [group.id, "", thread.id]);
  const lists = await anna.v1.lists.list();
  const list = lists.find(({ title }) => title === "Fietsen");
  assert.deepEqual(ids(await anna.v1.timelines.list.$select(list.id).list()), [thread.id]);
  assert.deepEqual(ids(await anna.v1.accounts.$select(group.id).statuses.list()).length, 1);
});

test("search", async () => {
  await bert.v1.statuses.create({ status: "Zonnebloemen langs de #vaart" });
  const found = await anna.v2.search.list({ q: "zonnebloemen" });
  assert.equal(found.statuses.length, 1);
  const tags = await anna.v2.search.list({ q: "vaar", type: "hashtags" });
  assert.deepEqual(tags.hashtags.map(({ name }) => name), ["vaart"]);
  assert.equal((await nobody.v1.tags.$select("vaart").fetch()).name, "vaart");
});

test("notifications, one by one and in groups", async () => {
  await anna.v1.notifications.clear();
  const { id } = await anna.v1.statuses.create({ status: "Wie leest dit?" });
  for (const reader of [bert, dora]) await reader.v1.statuses.$select(id).favourite();
  await bert.v1.statuses.create({ status: "@anna ik!", inReplyToId: id });
  assert.equal((await anna.v1.notifications.list()).length, 3);
  const [mention] = await anna.v1.notifications.list({ types: ["mention"] });
  assert.equal((await anna.v1.notifications.$select(mention.id).fetch()).type, "mention");
  assert.equal((await anna.v1.notifications.fetch({ types: ["mention"] })).length, 1);
  assert.equal((await anna.v1.notifications.unreadCount.fetch()).count, 3);
  assert.equal((await anna.v2.notifications.unreadCount.fetch()).count, 2);
  const groups = await anna.v2.notifications.list();
  const favourites = groups.notificationGroups.find(({ type }) => type === "favourite");
  assert.deepEqual([groups.notificationGroups.length, favourites.notificationsCount, favourites.statusId], [2, 2, id]);
  assert.equal((await anna.v2.notifications.$select(favourites.groupKey).accounts.fetch()).length, 2);
  assert.equal((await anna.v2.notifications.$select(favourites.groupKey).fetch()).notificationGroups[0].notificationsCount, 2);
  await anna.v2.notifications.$select(favourites.groupKey).dismiss();
  await anna.v1.notifications.$select(mention.id).dismiss();
  assert.deepEqual(await anna.v1.notifications.list(), []);
  assert.equal((await anna.v2.notifications.policy.fetch()).forNotFollowing, "accept");
});

test("notifications that are set aside", async () => {
  const requests = anna.v1.notifications.requests;
  await anna.v2.notifications.policy.update({ forNotFollowing: "filter" });
  const asks = async (who) => {
    await who.v1.statuses.create({ status: "@anna kent u mij?" });
    return (await until(() => requests.list(), (list) => list.length > 0))[0];
  };
  const request = await asks(bert);
  assert.equal(request.account.acct, "bert");
  assert.equal((await requests.$select(request.id).fetch()).notificationsCount, "1");
  await requests.$select(request.id).dismiss();
  await requests.dismiss({ id: [(await asks(bert)).id] });
  await requests.$select((await asks(bert)).id).accept();
  await requests.accept({ id: [(await asks(cor)).id] });
  await until(() => requests.merged.fetch(), ({ merged }) => merged);
  assert.deepEqual(await requests.list(), []);
  await anna.v2.notifications.policy.update({ forNotFollowing: "accept" });
});

test("filters", async () => {
  const made = await anna.v2.filters.create({
    title: "Lawaai",
    context: ["public"],
    filterAction: "hide",
    keywordsAttributes: [{ keyword: "herrie", wholeWord: true }],
  });
  assert.equal(made.keywords[0].keyword, "herrie");
  const { id } = await bert.v1.statuses.create({ status: "Wat een herrie" });
  const seen = await anna.v1.timelines.public.list({ local: true });
  assert.equal(seen.find((status) => status.id === id).filtered[0].filter.id, made.id);
  const at = anna.v2.filters.$select(made.id);
  const word = await at.keywords.create({ keyword: "kabaal" });
  assert.equal((await at.keywords.list()).length, 2);
  const one = anna.v2.filters.keywords.$select(word.id);
  assert.equal((await one.update({ keyword: "rumoer" })).keyword, "rumoer");
  assert.equal((await one.fetch()).keyword, "rumoer");
  await one.remove();
  const held = await at.statuses.create({ statusId: id });
  assert.deepEqual(ids(await at.statuses.list()), [held.id]);
  assert.equal((await anna.v2.filters.statuses.$select(held.id).fetch()).statusId, id);
  await anna.v2.filters.statuses.$select(held.id).remove();
  assert.equal((await at.update({ title: "Herrie" })).title, "Herrie");
  assert.deepEqual(ids(await anna.v2.filters.list()), [made.id]);
  assert.equal((await anna.v1.filters.list()).length, 1);
  await at.remove();
  await refused(() => at.fetch(), 404);
  const old = await anna.v1.filters.create({ phrase: "gedoe", context: ["home"] });
  const there = anna.v1.filters.$select(old.id);
  assert.equal((await there.update({ phrase: "drukte", context: ["home"] })).phrase, "drukte");
  assert.equal((await there.fetch()).phrase, "drukte");
  await there.remove();
});

test("markers", async () => {
  const [{ id }] = await anna.v1.timelines.public.list({ limit: 1 });
  await anna.v1.markers.create({ home: { lastReadId: id } });
  assert.equal((await anna.v1.markers.fetch({ timeline: ["home"] })).home.lastReadId, id);
});

test("push", async () => {
  const keys = {
    p256dh: "BEpPCn0cfs3P0E0fY-gyOuahx5dW5N8quUowlrPyfXlMa6tABLqqcSpOpMnC1-o_UB_s4R8NQsqMLbASjnqSbqw=",
    auth: "T5bhIIyre5TDC1LyX4mFAQ==",
  };
  const subscription = { endpoint: "https://push.example/1", keys };
  const made = await anna.v1.push.subscription.create({ subscription, data: { alerts: { mention: true } } });
  assert.deepEqual([made.endpoint, made.alerts.mention], ["https://push.example/1", true]);
  await anna.v1.push.subscription.update({ data: { alerts: { mention: false, quote: true } } });
  assert.equal((await anna.v1.push.subscription.fetch()).alerts.mention, false);
  await anna.v1.push.subscription.remove();
});

/** Hears on a stream what is wanted of it, while something is done again and again: nobody tells when a stream is open. */
async function hears(listen, wanted, act) {
  const heard = streams("anna");
  await heard.prepare();
  const events = listen(heard);
  const listening = (async () => {
    for await (const { event, payload } of events) if (wanted(event, payload)) return true;
    return false;
  })();
  const acts = setInterval(() => act().catch(() => {}), 300);
  try {
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error("nothing was heard")), 20_000).unref());
    assert.ok(await Promise.race([listening, late]), "the stream ended");
  } finally {
    clearInterval(acts);
    heard.close();
  }
}

const updates = (word) => (event, { content }) => event === "update" && content.includes(word);
const say = (status, more = {}) => () => bert.v1.statuses.create({ status, ...more });
const direct = say("@anna onder ons", { visibility: "direct" });

test("streams of what everybody reads", async () => {
  for (const listen of [(s) => s.public.subscribe(), (s) => s.public.local.subscribe(), (s) => s.hashtag.subscribe({ tag: "stroom" }),
    (s) => s.hashtag.local.subscribe({ tag: "stroom" })]) {
    await hears(listen, updates("hoort iemand mij"), say("hoort iemand mij #stroom"));
  }
});

test("streams of what anna reads", async () => {
  const { id } = await anna.v1.accounts.lookup({ acct: "bert" });
  await anna.v1.accounts.$select(id).follow();
  await hears((s) => s.user.subscribe(), updates("goedemorgen"), say("goedemorgen"));
  await hears((s) => s.user.subscribe(), updates("onder ons"), direct);
  const list = await anna.v1.lists.create({ title: "Bert" });
  await anna.v1.lists.$select(list.id).accounts.create({ accountIds: [id] });
  await hears((s) => s.list.subscribe({ list: list.id }), updates("goedemiddag"), say("goedemiddag"));
  await anna.v1.lists.$select(list.id).remove();
  await anna.v1.accounts.$select(id).unfollow();
});

test("streams of what anna is told", async () => {
  const mention = (event, { type }) => event === "notification" && type === "mention";
  await hears((s) => s.user.subscribe(), mention, say("@anna hoor je mij?"));
  await hears((s) => s.user.notification.subscribe(), mention, say("@anna hoor je mij?"));
  const unread = (event, { unread, lastStatus }) => event === "conversation" && unread && lastStatus.content.includes("onder ons");
  await hears((s) => s.direct.subscribe(), unread, direct);
});

test("streams of the town's notices", async () => {
  const [notice] = await anna.v1.announcements.list();
  const reaction = bert.v1.announcements.$select(notice.id).reactions.$select("🚲");
  const one = (event, { name, count, announcementId }) =>
    event === "announcement.reaction" && name === "🚲" && count === 1 && announcementId === notice.id;
  await hears((s) => s.user.subscribe(), one, async () => {
    await reaction.update();
    await reaction.remove();
  });
});

test("announcements", async () => {
  const [notice] = await anna.v1.announcements.list();
  assert.match(notice.content, /Het zwembad is dicht/);
  const reaction = bert.v1.announcements.$select(notice.id).reactions.$select("👍");
  await reaction.update();
  const [shown] = await anna.v1.announcements.list();
  assert.deepEqual([shown.reactions[0].name, shown.reactions[0].count, shown.reactions[0].me], ["👍", 1, false]);
  await reaction.remove();
  await anna.v1.announcements.$select(notice.id).dismiss();
  assert.equal((await anna.v1.announcements.list({ withDismissed: true }))[0].read, true);
});

test("activity", async () => {
  const weeks = await nobody.v1.instance.activity.list();
  assert.match(weeks[0].statuses, /^[0-9]+$/);
});

test("no year is summed up", async () => {
  assert.deepEqual((await anna.v1.annualReports.list()).annualReports, []);
  assert.deepEqual((await anna.v1.annualReports.$select("2025").fetch()).annualReports, []);
  assert.equal((await anna.v1.annualReports.$select("2025").state.fetch()).state, "ineligible");
});
