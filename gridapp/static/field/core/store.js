// What the phone keeps: one IndexedDB, for the page and its service worker. A write is told only once it is on the disk.

const NAME = "field";
const VERSION = 3;
const STRICT = { durability: "strict" };
let opening;

const FIRST = {
  outbox: { keyPath: "seq", autoIncrement: true },
  photos: { keyPath: "sha256" },
  notices: { keyPath: "id" },
  keep: undefined,
};
const SECOND = {
  tasks: { keyPath: "id" },
  pictures: { keyPath: "key" },
  sent: { keyPath: "seq", autoIncrement: true },
  drafts: { keyPath: "id" },
};

function upgrade(db, transaction, from) {
  if (from < 1) for (const [name, options] of Object.entries(FIRST)) {
    const store = db.createObjectStore(name, options);
    if (name === "outbox") store.createIndex("id", "id", { unique: true });
  }
  if (from < 2) for (const [name, options] of Object.entries(SECOND)) {
    const store = db.createObjectStore(name, options);
    if (name === "sent") store.createIndex("id", "id");
  }
  transaction.objectStore("pictures").createIndex("at", "at");
}

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => upgrade(request.result, request.transaction, oldVersion);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const db = request.result;
      const over = () => { opening = undefined; };
      db.onclose = over;
      db.onversionchange = () => { db.close(); over(); };
      resolve(db);
    };
  }).catch((error) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

/** Phones close the connection of a page in the background without a word: then it is opened once more. */
async function begin(names, mode) {
  try {
    return (await open()).transaction(names, mode, STRICT);
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    opening = undefined;
    return (await open()).transaction(names, mode, STRICT);
  }
}

/** One transaction over these stores: `work(...stores)` may give a request back, whose result is the answer. */
async function transact(names, mode, work) {
  const transaction = await begin(names, mode);
  return new Promise((resolve, reject) => {
    transaction.onabort = () => reject(transaction.error);
    const request = work(...names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
  });
}

export const read = (names, work) => transact([names].flat(), "readonly", work);
export const write = (names, work) => transact([names].flat(), "readwrite", work);

export const kept = (key) => read("keep", (keep) => keep.get(key));
export const keep = (key, value) => write("keep", (store) => store.put(value, key));
export const forget = (...keys) => write("keep", (store) => { keys.forEach((key) => store.delete(key)); });

/** Empties these stores. */
export const clear = (...names) => write(names, (...stores) => { stores.forEach((store) => store.clear()); });

/** Whether a failure means that the phone has no room left. */
export const isFull = (error) => error?.name === "QuotaExceededError" || error?.inner?.name === "QuotaExceededError";

/** A note that can be done without: left out where there is no room for it. */
export const whereRoom = (noting) => noting.catch((error) => {
  if (!isFull(error)) throw error;
});
