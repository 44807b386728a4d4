/**
 * The ledger of what came in: one row for each POST to an inbox, good or bad, in the order of arrival.
 */

/** How often a waiting reader may be kept waiting, at most: an HTTP client gives up sooner. */
const LONGEST_WAIT = 60_000;

export class Ledger {
  #rows = [];
  #waiting = new Set();

  /** Enters a row, gives it its number and wakes whoever waits for it. */
  enter(row) {
    this.#rows.push({ number: this.#rows.length + 1, at: new Date().toISOString(), ...row });
    for (const wake of this.#waiting) wake();
  }

  /** Rows that match; see `matches`. */
  find(filter) {
    return this.#rows.filter((row) => matches(row, filter));
  }

  /** Like `find`, but waits up to `wait` milliseconds until there are `count` rows. Too few is an answer, no error. */
  async await(filter, { wait = 0, count = 1 }) {
    const deadline = Date.now() + Math.min(wait, LONGEST_WAIT);
    for (;;) {
      const rows = this.find(filter);
      const left = deadline - Date.now();
      if (rows.length >= count || left <= 0) return rows;
      await this.#nextEntry(left);
    }
  }

  #nextEntry(milliseconds) {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.#waiting.add(wake);
    });
  }
}

/** Every field of the filter must agree; `object` may lie at any depth, as in Announce{Create{Note}}. */
function matches(row, { type, id, actor, object, inner, recipient, since = 0, accepted, duplicate }) {
  return (
    row.number > since &&
    (type === undefined || row.type === type) &&
    (id === undefined || row.id === id) &&
    (actor === undefined || row.actor === actor) &&
    (object === undefined || row.objects.includes(object)) &&
    (inner === undefined || row.innerType === inner) &&
    (recipient === undefined || row.recipient === recipient) &&
    (accepted === undefined || row.accepted === accepted) &&
    (duplicate === undefined || row.duplicate === duplicate)
  );
}

/** The columns that can be read from the raw JSON of an activity, whoever sent it and whatever it claims. */
export function columns(activity) {
  return {
    type: oneOf(activity?.type),
    id: idOf(activity),
    actor: idOf(activity?.actor),
    objects: objectIds(activity),
    innerType: oneOf(activity?.object?.type),
    proof: activity?.proof !== undefined,
    linkedDataSignature: activity?.signature !== undefined,
  };
}

/** Ids along the chain object, object.object, ... */
function objectIds(activity) {
  const ids = [];
  for (let node = activity?.object; node !== undefined && node !== null && ids.length < 16; node = node.object) {
    for (const item of [node].flat()) ids.push(idOf(item));
  }
  return ids.filter(Boolean);
}

function idOf(value) {
  return typeof value === "string" ? value : value?.id;
}

function oneOf(value) {
  return Array.isArray(value) ? value[0] : value;
}
