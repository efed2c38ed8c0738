// What the phone keeps: one IndexedDB with the outbox, its photos, notices and small things by a key.

const NAME = "field";
const VERSION = 1;
let opening;

function upgrade(db) {
  db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true }).createIndex("id", "id", { unique: true });
  db.createObjectStore("photos", { keyPath: "sha256" });
  db.createObjectStore("notices", { keyPath: "id" });
  db.createObjectStore("keep");
}

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => upgrade(request.result);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const db = request.result;
      db.onclose = () => { opening = undefined; };
      db.onversionchange = () => { db.close(); opening = undefined; };
      resolve(db);
    };
  }).catch((error) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

/** One transaction over these stores: `work(...stores)` may give a request back, whose result is the answer. */
async function transact(names, mode, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(names, mode);
    const request = work(...names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

export const read = (names, work) => transact([names].flat(), "readonly", work);
export const write = (names, work) => transact([names].flat(), "readwrite", work);

export const kept = (key) => read("keep", (keep) => keep.get(key));
export const keep = (key, value) => write("keep", (store) => store.put(value, key));
export const forget = (key) => write("keep", (store) => store.delete(key));
