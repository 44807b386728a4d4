/**
 * Every call that masto has is made by some test: what its types declare is held against what the suite remembered. Prints what is missing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Calls that this town does not answer, and why. */
const unanswered = [
  [/^v1\.admin\.(canonicalEmailBlocks|dimensions|measures|retention|trends)\./, "the town's own desk has them"],
  [/^v1\.admin\.(domainAllows|emailDomainBlocks|ipBlocks)\.(create|\$select\.(update|remove))$/, "read only"],
  [/^v1\.annualReports\.\$select\.(read|generate)$/, "no year is summed up"],
  [/^v1\.(search\.list|statuses\.\$select\.card\.fetch)$/, "gone from Mastodon"],
];

const root = "node_modules/masto/dist/mastodon/rest";

/** The interfaces that are declared: folder/name -> [member, type]. */
function declared() {
  const known = new Map();
  for (const { name, parentPath } of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!name.endsWith(".d.ts")) continue;
    const at = parentPath.slice(root.length + 1);
    const text = readFileSync(join(parentPath, name), "utf8").replaceAll(/\/\*[^]*?\*\//g, "");
    for (const [, type, body] of text.matchAll(/^export interface (\S+)[^{]*\{\n([^]*?)^\}/gm)) {
      const members = [...body.matchAll(/^ {4}(?:readonly )?(\$?\w+)(?:\([^)]*\))?: (\{|[\w.$]+)/gm)].map(([, member, of]) => [member, of]);
      known.set(`${at}/${type}`, members);
    }
  }
  return known;
}

const interfaces = declared();

/** The calls of an interface and of those that it leads to. */
function* calls(members, at, path) {
  for (const [member, type] of members) {
    if (type === "Method" || type === "{") yield [...path, member].join(".");
    else {
      const [name, version] = type.split(".").reverse();
      const folder = [version ?? at, `${at}/admin`, `${at}/push`].find((place) => interfaces.has(`${place}/${name}`));
      if (folder === undefined) throw new Error(`${type} of ${path.join(".")} is declared nowhere`);
      yield* calls(interfaces.get(`${folder}/${name}`), folder, [...path, member]);
    }
  }
}

const { MEENT_CALLED: folder } = process.env;
const made = new Set(readdirSync(folder).flatMap((name) => JSON.parse(readFileSync(join(folder, name)))));
const all = [...calls(interfaces.get("/V1Resource"), "v1", ["v1"]), ...calls(interfaces.get("/V2Resource"), "v2", ["v2"])];
const missing = all.filter((call) => !made.has(call) && !unanswered.some(([those]) => those.test(call)));
if (all.length < 150) throw new Error(`masto declares more than these: ${all}`);
if (missing.length > 0) throw new Error(`no test calls\n${missing.join("\n")}`);
