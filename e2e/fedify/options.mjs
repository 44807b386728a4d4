/**
 * The command line: one table makes the flags, the environment variables and the help.
 */
import { isIP } from "node:net";
import { parseArgs } from "node:util";

const TABLE = {
  host: { value: "NAME", help: "public name of this server, as in @bob@NAME (required)" },
  listen: { value: "IP:PORT", default: "127.0.0.1:443", help: "loopback address of the federation server" },
  control: { value: "IP:PORT", default: "127.0.0.1:0", help: "loopback address of the control API; port 0 picks one" },
  "tls-cert": { value: "FILE", help: "certificate; without one the server speaks http, where handles do not resolve" },
  "tls-key": { value: "FILE", help: "private key of the certificate" },
  hosts: { value: "FILE", help: "names of the other test hosts, in the form of /etc/hosts; read anew at each look-up" },
  person: { value: "NAME", default: ["bob"], multiple: true, help: "a person who lives here; repeat for more" },
  knock: { value: "rfc9421|cavage", default: "rfc9421", help: "the signature scheme to try first" },
  approve: { value: "auto|manual", default: "auto", help: "what happens to a Follow that comes in" },
  software: { value: "NAME/VERSION", default: "fedify-peer/1.0.0", help: "what NodeInfo says this server is" },
  tethered: { flag: true, help: "stop when standard input closes, so that no peer outlives its test" },
  help: { flag: true, help: "show this" },
};

const SCHEMES = { rfc9421: "rfc9421", cavage: "draft-cavage-http-signatures-12" };

/** A wrong command line: the message is for the person who typed it. */
export class UsageError extends Error {}

/** Reads the options; a flag wins over its environment variable, `--tls-cert` over `FEDIFY_PEER_TLS_CERT`. */
export function readOptions(argv, env) {
  const given = { ...fromEnvironment(env), ...fromArguments(argv) };
  if (given.help) return { help: usage() };
  const text = (name) => given[name] ?? TABLE[name].default;
  if (!text("host")) throw new UsageError("--host is required");
  if (!text("tls-cert") !== !text("tls-key")) throw new UsageError("--tls-cert and --tls-key go together");
  return {
    host: text("host"),
    listen: loopbackAddress("listen", text("listen")),
    control: loopbackAddress("control", text("control")),
    tls: text("tls-cert") ? { cert: text("tls-cert"), key: text("tls-key") } : null,
    hostsFile: text("hosts") ?? null,
    persons: text("person").map(personName),
    firstKnock: SCHEMES[oneOf("knock", text("knock"), Object.keys(SCHEMES))],
    approve: oneOf("approve", text("approve"), ["auto", "manual"]),
    software: software(text("software")),
    tethered: Boolean(given.tethered),
  };
}

function fromArguments(argv) {
  const options = Object.fromEntries(
    Object.entries(TABLE).map(([name, row]) => [
      name,
      { type: row.flag ? "boolean" : "string", multiple: Boolean(row.multiple) },
    ]),
  );
  try {
    return parseArgs({ args: argv, options }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function fromEnvironment(env) {
  const values = {};
  for (const [name, row] of Object.entries(TABLE)) {
    const value = env[`FEDIFY_PEER_${name.toUpperCase().replaceAll("-", "_")}`];
    if (value) values[name] = row.multiple ? value.split(",") : value;
  }
  return values;
}

function usage() {
  const rows = Object.entries(TABLE).map(([name, row]) => {
    const left = `  --${name}${row.flag ? "" : ` ${row.value}`}`;
    return `${left.padEnd(27)} ${row.help}${row.default ? ` (default ${row.default})` : ""}`;
  });
  return ["node peer.mjs --host NAME [flags]", "", ...rows].join("\n");
}

/** This Fedify has known holes in its outgoing requests, so it must never be within reach of strangers. */
function loopbackAddress(flag, text) {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(text) ?? [];
  if (!isLoopback(host) || port > 65535) throw new UsageError(`--${flag} ${text}: not a loopback IP:PORT`);
  return { host, port: Number(port) };
}

/** True for 127.0.0.0/8 and ::1, written as plain addresses. */
export function isLoopback(address = "") {
  return isIP(address) === 4 ? address.startsWith("127.") : address === "::1";
}

/** A name goes into addresses and handles as it is. */
function personName(name) {
  if (!/^[a-z0-9_]{1,64}$/i.test(name)) throw new UsageError(`--person ${name}: letters, digits and _ only`);
  return name;
}

function oneOf(flag, value, allowed) {
  if (!allowed.includes(value)) throw new UsageError(`--${flag} ${value}: one of ${allowed.join(", ")}`);
  return value;
}

/** NodeInfo 2.1 allows [a-z0-9-]+ as a software's name. */
function software(text) {
  const [, name, version] = /^([a-z0-9-]+)\/(\S+)$/.exec(text) ?? [];
  if (!name) throw new UsageError(`--software ${text}: NAME/VERSION, the name in a-z, 0-9 and -`);
  return { name, version };
}
