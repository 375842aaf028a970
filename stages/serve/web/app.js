// The page: a user, a list of movies that follows the user's ratings, and a page per movie.
import * as api from "/api.js";
import {card, h, named, poster, row, stars} from "/cards.js";

const $ = (id) => document.getElementById(id);
const userName = "marquee-user";
const pageSize = 12;

let user = Number(localStorage.getItem(userName)) || newUser();
let shown = 0;        // movies in the list
const latest = {};    // number of the newest request of a kind: older answers are dropped
let retry = null;     // what to do again once there is a key

// An id that nobody has, as far as chance goes; nothing is stored before the first rating.
function newUser() {
  return 1000000000 + (crypto.getRandomValues(new Uint32Array(1))[0] % 1000000000);
}

function say(text) {
  $("status").textContent = text;
}

function complain(error) {
  if (error.status === 401) {
    $("key").hidden = false;
    $("key-text").focus();
  }
  $("notice").textContent = error.message;
}

// Runs `ask` and hands its answer to `use`, unless a newer request of the kind has begun.
async function newest(kind, ask, use) {
  const number = (latest[kind] = (latest[kind] ?? 0) + 1);
  try {
    const answer = await ask();
    if (latest[kind] !== number) return false;
    $("notice").textContent = "";
    use(answer);
    return true;
  } catch (error) {
    if (latest[kind] === number) complain(error);
    return false;
  }
}

// ---- the list ----

const wishes = (offset) => ({
  for: $("for").value, n: pageSize, offset, genre: $("genre").value, year_from: $("from").value,
  year_to: $("to").value, diversity: $("variety").value === "0" ? "" : $("variety").value,
});

const actions = {rate, hide};
const cardOf = (movie) => card(movie, actions);

function idsShown() {
  return Array.from($("list").children, (element) => element.dataset.movie);
}

async function refresh() {
  const before = new Set(idsShown());
  return newest("list", () => api.recommend(user, wishes(0)), (answer) => {
    const cards = answer.movies.map((movie) => {
      const element = cardOf(movie);
      if (before.size > 0 && !before.has(String(movie.movieId))) element.classList.add("fresh");
      return element;
    });
    $("list").replaceChildren(...cards);
    shown = answer.movies.length;
    $("list-title").textContent = answer.history > 0 ? "For you" : "To begin with";
    $("list-none").hidden = shown > 0;
    $("more").hidden = shown < pageSize;
  });
}

async function more() {
  await newest("list", () => api.recommend(user, wishes(shown)), (answer) => {
    const cards = answer.movies.map(cardOf);
    $("list").append(...cards);
    shown += answer.movies.length;
    $("more").hidden = answer.movies.length < pageSize;
    cards[0]?.querySelector("a").focus();
    say(`${answer.movies.length} more movies`);
  });
}

// ---- ratings ----

async function showHistory() {
  await newest("history", () => api.history(user), (known) => {
    $("rated").replaceChildren(...known.history.map((movie) => row(movie, rate)));
    $("rated-count").textContent = known.count > 0 ? `(${known.count})` : "";
    $("rated-none").hidden = known.count > 0;
  });
}

// Where the focus is in the list, so that it can stay at that place when the list changes.
function focusedPlace() {
  const element = document.activeElement?.closest?.("#list > li");
  return element ? Array.from($("list").children).indexOf(element) : -1;
}

async function tell(movie, type, value, text) {
  const place = focusedPlace();
  try {
    await api.tell(user, movie.movieId, type, value);
  } catch (error) {
    retry = () => tell(movie, type, value, text);
    complain(error);
    return;
  }
  localStorage.setItem(userName, user);
  const [changed] = await Promise.all([refresh(), showHistory()]);
  markRated(movie, value);
  const first = $("list").querySelector(".title")?.textContent;
  say(changed && first ? `${text} First in the list now: ${first}.` : text);
  if (place >= 0) {
    const cards = $("list").children;
    cards[Math.min(place, cards.length - 1)]?.querySelector("a").focus();
  }
}

// Shows a new rating in the search results and on the movie's page.
function markRated(movie, value) {
  for (const element of document.querySelectorAll(`[data-movie="${movie.movieId}"] .stars`)) {
    if (element.closest("#list")) continue;
    const held = element.contains(document.activeElement);
    const fresh = stars(movie, rate, value ?? 0);
    element.replaceWith(fresh);
    if (held) fresh.children[(value ?? 1) - 1].focus();
  }
}

function rate(movie, value) {
  const unit = value === 1 ? "star" : "stars";
  return tell(movie, "rating", value, `${named(movie)}: ${value} ${unit}.`);
}

function hide(movie) {
  return tell(movie, "not_interested", undefined, `${named(movie)} will not be shown again.`);
}

// ---- search ----

let waiting = 0;
function searchSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(search, 150);
}

async function search() {
  clearTimeout(waiting);
  const q = $("q").value.trim();
  if (q === "") {
    latest.search = (latest.search ?? 0) + 1;
    $("hits").replaceChildren();
    return;
  }
  await newest("search", () => api.search(q), (found) => {
    const given = new Map(Array.from($("rated").children, (element) =>
      [element.dataset.movie, element.querySelectorAll("[aria-pressed=true]").length]));
    $("hits").replaceChildren(...found.movies.map((movie) =>
      row({...movie, rating: given.get(String(movie.movieId))}, rate)));
    say(found.movies.length === 0 ? `No movie is called ${q}.` : `${found.movies.length} movies found.`);
  });
}

// ---- a movie's page ----

const neighbours = [
  ["content", "Alike", "by genres, tags and title"],
  ["taste", "Loved by the same people", "by who watched what"],
  ["next", "Watched next", "by what people go on to"],
];

function neighbourList(title, hint, list) {
  const rows = list.movies.map((movie) => row(movie, null, movie.shared.slice(0, 3).join(", ")));
  return h("section", {}, h("h2", {}, title), h("p", {class: "quiet"}, hint),
    rows.length > 0 ? h("ol", {class: "rows"}, ...rows) : h("p", {class: "quiet"}, "None that stand out."));
}

async function showMovie(id) {
  const lists = neighbours.map(([by]) => api.similar(id, by));
  const all = () => Promise.all([api.movie(id), api.predict(user, id), ...lists]);
  await newest("movie", all, ([movie, guess, ...found]) => {
    const told = guess.rated != null ? `You gave it ${guess.rated.toFixed(1)} \u2605`
      : guess.predicted != null ? `You would give it ${guess.predicted.toFixed(1)} \u2605` : "";
    const mean = movie.mean == null ? "Nobody has rated it yet"
      : `${movie.mean.toFixed(1)} \u2605 by ${movie.ratings.toLocaleString("en")}`;
    $("movie").replaceChildren(
      h("p", {}, h("a", {href: "#/"}, "\u2190 Back to the list")),
      poster(movie, "h2"),
      h("div", {class: "head", "data-movie": movie.movieId},
        h("p", {class: "facts"}, h("span", {}, mean), h("span", {}, told)),
        h("div", {}, stars(movie, rate, guess.rated ?? 0)),
        h("ul", {class: "tags", "aria-label": "Tags"}, ...movie.tags.slice(0, 12).map((tag) => h("li", {}, tag)))),
      h("div", {class: "columns"}, ...neighbours.map(([, title, hint], i) => neighbourList(title, hint, found[i]))));
    document.title = `${named(movie)} \u2013 Marquee`;
    $("main").focus();
    scrollTo(0, 0);
  });
}

function route() {
  const id = /^#\/movie\/(\d+)$/.exec(location.hash)?.[1];
  $("home").hidden = id !== undefined;
  $("movie").hidden = id === undefined;
  say("");
  if (id !== undefined) return showMovie(id);
  document.title = "Marquee";
}

// ---- starting ----

async function open(id, stored) {
  user = id;
  $("user").value = id;
  if (stored) localStorage.setItem(userName, id);
  $("q").value = "";
  $("hits").replaceChildren();
  $("list").replaceChildren();
  await Promise.all([refresh(), showHistory(), route()]);
  say($("rated").children.length > 0 ? `User ${id}.` : "You are new here. Search for a movie you know, and rate it.");
}

$("who").addEventListener("submit", (event) => {
  event.preventDefault();
  open(Number($("user").value), true);
});
$("new").addEventListener("click", () => open(newUser(), true));
$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
$("q").addEventListener("input", searchSoon);
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("filters").addEventListener("change", async () => {
  if (await refresh()) say(`${shown} movies fit.`);
});
$("more").addEventListener("click", more);
$("key").addEventListener("submit", (event) => {
  event.preventDefault();
  api.useKey($("key-text").value);
  $("key").hidden = true;
  retry?.();
});
$("skip").addEventListener("click", (event) => {
  event.preventDefault();
  $("main").focus();
});
addEventListener("hashchange", route);
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, select")) return;
  event.preventDefault();
  location.hash = "#/";
  $("q").focus();
});

newest("genres", api.genres, (known) => {
  for (const name of known.genres) {
    if (!name.startsWith("(")) $("genre").append(h("option", {value: name}, name));
  }
  for (const id of ["from", "to"]) {
    $(id).min = known.year_from;
    $(id).max = known.year_to;
  }
  $("from").placeholder = known.year_from;
  $("to").placeholder = known.year_to;
});
open(user, false);
