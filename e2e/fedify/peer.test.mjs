/**
 * The self-test: two peers on loopback, each with its own name, certificate and signature scheme, go through everything
 * that a test of Meent will ask of them. It needs Go for the certificates, and the right to listen on port 443.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const WAIT = 5000;
const skip = await whyNot443();

let dir;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), "fedify-peer-"));
  if (skip) return;
  const townca = ["run", "./cmd/townca", dir, "one.example", "two.example"];
  await promisify(execFile)("go", townca, { cwd: join(here, "../townca") });
  appendFileSync(join(dir, "hosts"), "203.0.113.9 outside.example\n");
});

after(() => rmSync(dir, { recursive: true, force: true }));

for (const knock of ["rfc9421", "cavage"]) {
  describe(`two towns, ${knock} first`, { skip }, () => {
    let one, two, bob, ann;

    before(async () => {
      [one, two] = await Promise.all([
        start("one.example", ["--person", "bob", "--person", "bea", "--knock", knock]),
        start("two.example", ["--person", "ann", "--knock", knock, "--software", "mastodon/4.5.0"]),
      ]);
      [bob, ann] = [one.persons[0], two.persons[0]];
    });

    after(() => Promise.all([one?.stop(), two?.stop()]));

    test("a Follow is accepted", async () => {
      const { id, deliveries } = await one.post("follow", { handle: ann.handle });
      assert.deepEqual(deliveries.map(({ ok, scheme, knocks }) => [ok, scheme, knocks.length]), [[true, knock, 1]]);
      const accept = await one.receives({ type: "Accept", object: id });
      assert.equal(accept.actor, ann.id);
      assert.deepEqual(await followingOf(one, "bob"), [{ id: ann.id, state: "accepted", follow: id }]);
      assert.deepEqual((await two.get("state")).persons[0].followers, [bob.id]);
    });

    test("a conversation: post, reply, like, boost, edit, delete", async () => {
      const post = await two.post("post", { content: "<p>Hoi</p>", name: "Titel", language: "nl" });
      const create = await one.receives({ type: "Create", object: post.object });
      const keyId = `${ann.id}#main-key`;
      assert.deepEqual(create.signature, { scheme: knock, valid: true, keyId, reason: null });
      assert.deepEqual([create.proof, create.linkedDataSignature, create.inbox], [true, true, "/inbox"]);
      assert.equal(create.activity.object.contentMap.nl, "<p>Hoi</p>");

      const reply = await one.post("post", { content: "Hoi terug", inReplyTo: post.object });
      const answered = await two.receives({ type: "Create", object: reply.object });
      assert.equal(answered.activity.object.inReplyTo, post.object);
      assert.deepEqual([answered.activity.object.tag].flat().map((tag) => tag.name), [ann.handle]);

      await one.post("like", { uri: post.object });
      await two.receives({ type: "Like", actor: bob.id, object: post.object });
      await one.post("unlike", { uri: post.object });
      await two.receives({ type: "Undo", inner: "Like", object: post.object });
      const boost = await one.post("boost", { uri: post.object });
      await two.receives({ type: "Announce", id: boost.id, object: post.object });

      await two.post("edit", { id: post.object, content: "<p>Hallo</p>" });
      const update = await one.receives({ type: "Update", object: post.object });
      assert.equal(update.activity.object.content, "<p>Hallo</p>");
      assert.equal((await one.post("lookup", { uri: post.object })).content, "<p>Hallo</p>");

      await two.post("delete", { id: post.object });
      const gone = await one.receives({ type: "Delete", object: post.object });
      assert.equal(gone.activity.object.type, "Tombstone");
      await assert.rejects(one.post("lookup", { uri: post.object }), /410/);
    });

    test("a poll and a vote", async () => {
      const poll = await two.post("post", { content: "Fietspad?", options: ["ja", "nee"], mention: [bob.handle] });
      const create = await one.receives({ type: "Create", object: poll.object });
      assert.deepEqual(create.activity.object.oneOf.map((option) => option.name), ["ja", "nee"]);
      const vote = await one.post("vote", { uri: poll.object, choice: "ja" });
      const { activity } = await two.receives({ type: "Create", object: vote.object });
      assert.deepEqual([activity.object.name, activity.object.content], ["ja", undefined]);
    });

    test("a private message can be fetched by its reader only", async () => {
      const secret = await two.post("post", { content: "sst", visibility: "direct", mention: [bob.handle] });
      await one.receives({ type: "Create", object: secret.object });
      assert.equal((await one.post("lookup", { uri: secret.object })).content, "sst");
      await assert.rejects(one.post("lookup", { uri: secret.object, as: "bea" }), /401/);
    });

    test("a report names the account and the post", async () => {
      const post = await two.post("post", { content: "spam" });
      const report = await one.post("flag", { uri: post.object, content: "reclame" });
      const { objects } = await two.receives({ type: "Flag", id: report.id });
      assert.deepEqual(objects, [ann.id, post.object]);
    });

    test("what Fedify sees of an actor and of a collection", async () => {
      const seen = await one.post("lookup", { handle: ann.handle });
      assert.deepEqual(
        [seen.type, seen.id, seen.inbox, seen.sharedInbox],
        ["Person", ann.id, ann.inbox, "https://two.example/inbox"],
      );
      const followers = await one.post("traverse", { uri: seen.followers });
      assert.deepEqual(followers.items.map((item) => item.id), [bob.id]);
    });

    test("a forged or repeated activity is not received", async () => {
      const forged = { type: "Like", actor: "https://one.example/users/bea", object: ann.id };
      await assert.rejects(one.post("raw", { inbox: ann.inbox, activity: forged }), /401/);
      const twice = { type: "Like", id: "https://one.example/likes/1", object: ann.id };
      for (let i = 0; i < 2; i++) await one.post("raw", { inbox: ann.inbox, activity: twice });
      const { items } = await two.get("received", { type: "Like", object: ann.id, all: true });
      assert.deepEqual(items.map(({ status, duplicate }) => [status, duplicate]), [[401, false], [202, false], [202, true]]);
      assert.equal((await two.get("received", { type: "Like", object: ann.id })).items.length, 1);
    });

    test("an unfollow is taken", async () => {
      await one.post("unfollow", { handle: ann.handle });
      await two.receives({ type: "Undo", inner: "Follow" });
      assert.deepEqual((await two.get("state")).persons[0].followers, []);
    });

    test("nothing goes beyond loopback", async () => {
      for (const uri of ["https://203.0.113.9/a", "https://outside.example/a", "https://unknown.example/a"]) {
        await assert.rejects(one.post("lookup", { uri }), /outside of loopback|no test host/);
      }
    });

    test("what cannot be done is said plainly", async () => {
      await assert.rejects(one.post("edit", { id: "https://one.example/note/none" }), /404.*bob has not posted/s);
      await assert.rejects(one.post("like", { uri: ann.id }), /422.*no author/s);
      await assert.rejects(one.post("dance", {}), /404.*no such call/s);
    });
  });
}

describe("a town that asks first", { skip }, () => {
  test("accepts one and rejects another", async () => {
    const [one, two] = await Promise.all([
      start("one.example", ["--person", "bob", "--person", "bea"]),
      start("two.example", ["--person", "ann", "--approve", "manual"]),
    ]);
    try {
      for (const [as, verdict, state] of [["bob", "accept", "accepted"], ["bea", "reject", "rejected"]]) {
        const { id } = await one.post("follow", { as, handle: two.persons[0].handle });
        assert.equal((await followingOf(one, as))[0].state, "pending");
        await two.post(verdict, { id });
        await one.receives({ object: id });
        assert.equal((await followingOf(one, as))[0].state, state);
      }
      assert.deepEqual((await two.get("state")).persons[0].followers, [one.persons[0].id]);
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });
});

async function followingOf(peer, name) {
  const { persons } = await peer.get("state");
  return persons.find((person) => person.name === name).following;
}

/** Starts a peer and resolves to its driver as soon as it is ready. */
async function start(name, flags) {
  const certificate = (file) => join(dir, "hosts.d", name, file);
  const args = [
    ...[join(here, "peer.mjs"), "--tethered", "--host", name, "--listen", `${addressOf(name)}:443`],
    ...["--tls-cert", certificate("cert.pem"), "--tls-key", certificate("key.pem"), "--hosts", join(dir, "hosts")],
    ...flags,
  ];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(dir, "ca.pem") };
  const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const line = await Promise.race([
    new Promise((resolve) => createInterface(child.stdout).once("line", resolve)),
    exited.then((code) => assert.fail(`${name} stopped with code ${code} before it was ready`)),
  ]);
  const { control, persons } = JSON.parse(line);
  return { persons, ...driver(control), stop: () => (child.stdin.end(), exited) };
}

function addressOf(name) {
  const lines = readFileSync(join(dir, "hosts"), "utf8").split("\n");
  return lines.find((line) => line.endsWith(` ${name}`)).split(" ")[0];
}

function driver(control) {
  const ask = async (path, init) => {
    const response = await fetch(`${control}/${path}`, init);
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status}: ${answer.error}`);
    return answer;
  };
  const get = (path, query = {}) => ask(`${path}?${new URLSearchParams(query)}`);
  const receives = async (filter) => {
    const { items } = await get("received", { ...filter, wait: WAIT });
    assert.equal(items.length, 1, `${items.length} received of ${JSON.stringify(filter)}`);
    return items[0];
  };
  return { get, receives, post: (path, wish) => ask(path, { method: "POST", body: JSON.stringify(wish) }) };
}

/** Why this machine cannot run the test, or false. */
async function whyNot443() {
  const server = createServer();
  const problem = await new Promise((resolve) => {
    server.once("error", (error) => resolve(`cannot listen on 127.0.0.2:443: ${error.code}`));
    server.listen(443, "127.0.0.2", () => resolve(false));
  });
  server.close();
  if (problem && process.env.MEENT_REQUIRE_ALL === "1") assert.fail(problem);
  return problem;
}
