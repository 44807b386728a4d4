/** Those who look after the town: people, reports, and other towns. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { app, ids, refused } from "./town.mjs";

const anna = app("anna");
const bert = app("bert");
const desk = app("dora").v1.admin;
const { id } = await anna.v1.accounts.lookup({ acct: "bert" });

test("people", async () => {
  await refused(() => bert.v1.admin.accounts.list(), 403);
  assert.ok(ids(await desk.accounts.list({ local: true })).includes(id));
  const at = desk.accounts.$select(id);
  const now = async () => {
    const { disabled, silenced, suspended, sensitized } = await at.fetch();
    return { disabled, silenced, suspended, sensitized };
  };
  const free = await now();
  for (const [type, mark, undo] of [
    ["sensitive", "sensitized", at.unsensitive],
    ["silence", "silenced", at.unsilence],
    ["suspend", "suspended", at.unsuspend],
    ["disable", "disabled", at.enable],
  ]) {
    await at.action.create({ type });
    assert.deepEqual(await now(), { ...free, [mark]: true }, type);
    await undo();
    assert.deepEqual(await now(), free, `${type} is undone`);
  }
  for (const answer of [at.approve, at.reject]) await assert.rejects(async () => await answer(), "who is in waits for nothing");
});

test("reports", async () => {
  const status = await anna.v1.statuses.create({ status: "Naar" });
  const { id: self } = await anna.v1.accounts.verifyCredentials();
  await app("dora").v1.reports.create({ accountId: self, statusIds: [status.id], comment: "naar" });
  const report = (await desk.reports.list()).find(({ comment }) => comment === "naar");
  const at = desk.reports.$select(report.id);
  assert.deepEqual(ids((await at.fetch()).statuses), [status.id]);
  assert.equal((await at.assignToSelf()).assignedAccount.username, "dora");
  assert.equal((await at.unassign()).assignedAccount, null);
  assert.equal((await at.resolve()).actionTaken, true);
  assert.equal((await at.reopen()).actionTaken, false);
});

test("other towns", async () => {
  const made = await desk.domainBlocks.create({ domain: "kwaad.example", severity: "silence" });
  const at = desk.domainBlocks.$select(made.id);
  assert.equal((await at.update({ severity: "suspend" })).severity, "suspend");
  assert.deepEqual([(await at.fetch()).domain, ids(await desk.domainBlocks.list())], ["kwaad.example", [made.id]]);
  await at.remove();
  for (const none of [desk.domainAllows, desk.emailDomainBlocks, desk.ipBlocks]) {
    assert.deepEqual(await none.list(), []);
    await refused(() => none.$select("1").fetch(), 404);
  }
});
