// The service's API. A failed call throws an Error with the reason that the service gives.

export class Refused extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused(0, "The service cannot be reached.");
  }
  let body = null;
  try {
    body = await response.json();
  } catch {
    // told by the status
  }
  if (response.ok) return body;
  throw new Refused(response.status, body?.error?.reason ?? `The service answered ${response.status}.`);
}

function query(values) {
  const pairs = Object.entries(values).filter(([, value]) => value !== "" && value != null);
  return pairs.length === 0 ? "" : "?" + new URLSearchParams(pairs);
}

const keyName = "marquee-key";
export const useKey = (key) => sessionStorage.setItem(keyName, key);

function writing(method, body) {
  const headers = {"Content-Type": "application/json"};
  const key = sessionStorage.getItem(keyName);
  if (key) headers["X-API-Key"] = key;
  return {method, headers, body: JSON.stringify(body)};
}

export const recommend = (user, wishes) =>
  call(`/api/recommend/${user}` + query({...wishes, explain: true}));
export const search = (q) => call("/api/movies" + query({q, n: 8}));
export const genres = () => call("/api/genres");
export const movie = (id) => call(`/api/movies/${id}`);
export const similar = (id, by) => call(`/api/item-to-item/${id}` + query({by, n: 8}));
export const predict = (user, id) => call("/api/predict" + query({user, movie: id}));

// What is known of a user; somebody unknown has an empty history.
export async function history(user) {
  try {
    return await call(`/api/users/${user}?n=50`);
  } catch (error) {
    if (error.status === 404) return {count: 0, history: [], trained: false, hidden: []};
    throw error;
  }
}

// Each event has an id of its own, so that trying again cannot count it twice.
export async function tell(user, movieId, type, value) {
  const id = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
  const event = {userId: user, movieId, type, id};
  if (type === "rating") event.value = value;
  for (let attempt = 0; ; attempt++) {
    try {
      return await call("/api/feedback", writing("POST", event));
    } catch (error) {
      if (attempt === 2 || (error.status !== 0 && error.status !== 503)) throw error;
      await new Promise((resume) => setTimeout(resume, 400 * (attempt + 1)));
    }
  }
}
