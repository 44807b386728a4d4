/** The node, its timelines, and what people hear. */
import assert from "node:assert/strict";

import { app, ids, refused, streams, subject, until } from "./town.mjs";

const anna = app("anna");
const bert = app("bert");
const dora = app("dora");
const nobody = app();

subject("the node says what it is", async () => {
  const v2 = await nobody.v2.instance.fetch();
  assert.match(v2.version, /^4\.\d\.\d \(compatible; Meent /);
  assert.ok(v2.apiVersions.mastodon >= 2);
  assert.equal((await nobody.v1.instance.fetch()).version, v2.version);
  assert.ok(Array.isArray(await nobody.v1.instance.rules.list()));
  assert.ok(Array.isArray(await nobody.v1.instance.peers.list()));
  assert.ok((await nobody.v1.instance.extendedDescription.fetch()).content !== undefined);
  assert.ok(Array.isArray(await nobody.v1.customEmojis.list()));
  assert.ok(Array.isArray(await anna.v1.announcements.list()));
  for (const trends of [nobody.v1.trends.tags, nobody.v1.trends.statuses, nobody.v1.trends.links]) {
    assert.ok(Array.isArray(await trends.list()));
  }
});

subject("timelines, page by page", async () => {
  const made = [];
  for (let n = 0; n < 5; n++) made.unshift((await bert.v1.statuses.create({ status: `Bericht ${n} #reeks` })).id);
  const read = [];
  for await (const page of anna.v1.timelines.tag.$select("reeks").list({ limit: 2 })) read.push(...ids(page));
  assert.deepEqual(read, made);
  assert.equal((await nobody.v1.timelines.public.list({ local: true, limit: 1 }))[0].id, made[0]);
  assert.equal((await bert.v1.timelines.home.list({ limit: 1, sinceId: made[1] }))[0].id, made[0]);
});

subject("a group, as apps see it", async () => {
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

subject("search", async () => {
  await bert.v1.statuses.create({ status: "Zonnebloemen langs de #vaart" });
  const found = await anna.v2.search.list({ q: "zonnebloemen" });
  assert.equal(found.statuses.length, 1);
  const tags = await anna.v2.search.list({ q: "vaar", type: "hashtags" });
  assert.deepEqual(tags.hashtags.map(({ name }) => name), ["vaart"]);
  assert.equal((await nobody.v1.tags.$select("vaart").fetch()).name, "vaart");
});

subject("notifications, one by one and in groups", async () => {
  await anna.v1.notifications.clear();
  const { id } = await anna.v1.statuses.create({ status: "Wie leest dit?" });
  for (const reader of [bert, dora]) await reader.v1.statuses.$select(id).favourite();
  await bert.v1.statuses.create({ status: "@anna ik!", inReplyToId: id });
  assert.equal((await anna.v1.notifications.list()).length, 3);
  const [mention] = await anna.v1.notifications.list({ types: ["mention"] });
  assert.equal((await anna.v1.notifications.$select(mention.id).fetch()).type, "mention");
  assert.equal((await anna.v1.notifications.unreadCount.fetch()).count, 3);
  const groups = await anna.v2.notifications.list();
  const favourites = groups.notificationGroups.find(({ type }) => type === "favourite");
  assert.deepEqual([groups.notificationGroups.length, favourites.notificationsCount, favourites.statusId], [2, 2, id]);
  assert.equal((await anna.v2.notifications.$select(favourites.groupKey).accounts.list()).length, 2);
  await anna.v2.notifications.$select(favourites.groupKey).dismiss();
  await anna.v1.notifications.$select(mention.id).dismiss();
  assert.deepEqual(await anna.v1.notifications.list(), []);
  assert.equal((await anna.v2.notifications.policy.fetch()).forNotFollowing, "accept");
});

subject("notifications that are set aside", async () => {
  await anna.v2.notifications.policy.update({ forNotFollowing: "filter" });
  await bert.v1.statuses.create({ status: "@anna kent u mij?" });
  const [request] = await until(() => anna.v1.notifications.requests.list(), (list) => list.length > 0);
  assert.equal(request.account.acct, "bert");
  await anna.v1.notifications.requests.$select(request.id).accept();
  await anna.v2.notifications.policy.update({ forNotFollowing: "accept" });
});

subject("filters", async () => {
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
  await anna.v2.filters.keywords.$select(word.id).remove();
  const held = await at.statuses.create({ statusId: id });
  await anna.v2.filters.statuses.$select(held.id).remove();
  assert.equal((await at.update({ title: "Herrie" })).title, "Herrie");
  assert.equal((await anna.v1.filters.list()).length, 1);
  await at.remove();
  await refused(() => at.fetch(), 404);
});

subject("markers", async () => {
  const [{ id }] = await anna.v1.timelines.public.list({ limit: 1 });
  await anna.v1.markers.create({ home: { lastReadId: id } });
  assert.equal((await anna.v1.markers.fetch({ timeline: ["home"] })).home.lastReadId, id);
});

subject("push", async () => {
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

subject("streams", async () => {
  const heard = streams("anna");
  await heard.prepare();
  const events = heard.hashtag.subscribe({ tag: "stroom" });
  const own = heard.user.subscribe();
  const first = (async () => {
    for await (const event of events) if (event.event === "update") return event.payload.content;
  })();
  const second = (async () => {
    for await (const event of own) if (event.event === "notification") return event.payload.type;
  })();
  const say = setInterval(() => bert.v1.statuses.create({ status: "@anna hoor je mij? #stroom" }), 500);
  try {
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error("nothing was heard")), 20_000).unref());
    const [content, type] = await Promise.race([Promise.all([first, second]), late]);
    assert.match(content, /hoor je mij/);
    assert.equal(type, "mention");
  } finally {
    clearInterval(say);
    heard.close();
  }
});

subject("announcements", async () => {
  const [notice] = await anna.v1.announcements.list();
  assert.match(notice.content, /Het zwembad is dicht/);
  await anna.v1.announcements.$select(notice.id).dismiss();
  assert.equal((await anna.v1.announcements.list({ withDismissed: true }))[0].read, true);
});

subject("administration", async () => {
  await refused(() => bert.v1.admin.accounts.list(), 403);
  const { id } = await dora.v1.accounts.lookup({ acct: "bert" });
  assert.equal((await dora.v1.admin.accounts.$select(id).fetch()).username, "bert");
  const status = await bert.v1.statuses.create({ status: "Naar" });
  await anna.v1.reports.create({ accountId: id, statusIds: [status.id], comment: "naar" });
  const reports = await dora.v1.admin.reports.list();
  const report = reports.find(({ comment }) => comment === "naar");
  assert.equal((await dora.v1.admin.reports.$select(report.id).resolve()).actionTaken, true);
});

subject("activity", async () => {
  const weeks = await nobody.v1.instance.activity.list();
  assert.match(weeks[0].statuses, /^[0-9]+$/);
});
