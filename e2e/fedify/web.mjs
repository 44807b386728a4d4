/**
 * The step between Node's servers and the Request and Response of the web, which Fedify speaks.
 */
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

/** The largest document a test may send; more is a mistake in the test. */
const MAX_BODY = 8 * 1024 * 1024;

/**
 * Serves `handle(Request) -> Response` and resolves to the listening server. URLs are built on `origin` and not on
 * what the client says, because RFC 9421's @target-uri is checked against them.
 */
export function serve({ host, port }, { origin, tls, handle }) {
  const answer = (incoming, outgoing) => pass(incoming, outgoing, origin, handle);
  const server = tls
    ? https.createServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, answer)
    : http.createServer(answer);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

/** A JSON answer. */
export function json(status, value) {
  return new Response(JSON.stringify(value, null, 2) + "\n", {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
  });
}

async function pass(incoming, outgoing, origin, handle) {
  let response;
  try {
    response = await handle(await toRequest(incoming, origin));
  } catch (error) {
    response = json(error.status ?? 500, { error: error.status ? error.message : error.stack });
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

async function toRequest(incoming, origin) {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  }
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  const body = hasBody ? await read(incoming) : undefined;
  return new Request(new URL(origin + incoming.url), { method: incoming.method, headers, body });
}

async function read(incoming) {
  const chunks = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > MAX_BODY) throw Object.assign(new Error("body too large"), { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
