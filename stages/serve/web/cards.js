// Elements for movies: rows, cards, stars, explanations.

// h("p", {class: "x", onclick: f}, "text", element, ...)
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

export const named = (movie) => (movie.year ? `${movie.title} (${movie.year})` : movie.title);
const oneDecimal = (number) => number.toFixed(1);

// Around the hue of the first genre, so that a shelf looks like one without being of one colour.
function hueOf(movie) {
  const sum = (text) => Array.from(text).reduce((n, c) => (n * 31 + c.codePointAt(0)) % 9973, 7);
  return ((sum(movie.genres[0] ?? "none") * 47) % 360) + (sum(movie.title) % 110);
}

function kinds(movie) {
  return movie.genres.filter((name) => !name.startsWith("(")).join(" · ");
}

export function poster(movie, heading = "h3") {
  const long = movie.title.length > 24;
  const element = h("a", {class: "poster", href: `#/movie/${movie.movieId}`,
                          "data-initial": Array.from(movie.title)[0] ?? ""},
    h("span", {class: "year"}, movie.year ? String(movie.year) : "\u00a0"),
    h(heading, {class: long ? "title long" : "title"}, movie.title),
    h("span", {class: "kinds"}, kinds(movie)));
  element.style.setProperty("--hue", hueOf(movie));
  return element;
}

// Five buttons, the last one perhaps half filled. `rate(movie, stars)` is called with whole stars.
export function stars(movie, rate, given = movie.rating ?? 0) {
  const group = h("span", {class: "stars", role: "group", "aria-label": `Rate ${movie.title}${given > 0 ? `, now ${given}` : ""}`});
  for (let n = 1; n <= 5; n++) {
    const on = n <= Math.round(given), half = n - given === 0.5;
    group.append(h("button", {type: "button", class: half ? "half" : null, "aria-pressed": String(on),
                              "aria-label": `${n} ${n === 1 ? "star" : "stars"}`,
                              onclick: () => rate(movie, n)}, on ? "\u2605" : "\u2606"));
  }
  return group;
}

export function row(movie, rate, extra) {
  return h("li", {"data-movie": movie.movieId},
    h("span", {class: "name"}, h("a", {href: `#/movie/${movie.movieId}`}, movie.title), " ",
      h("small", {}, movie.year ? String(movie.year) : ""), extra ? h("br") : null,
      extra ? h("small", {}, extra) : null),
    rate ? stars(movie, rate) : null);
}

function parts(explanation) {
  const largest = Math.max(...explanation.parts.map((part) => Math.abs(part.contribution)), 1e-9);
  const signed = (x) => (x < 0 ? "\u2212" : "+") + Math.abs(x).toFixed(2);
  const body = h("tbody");
  for (const part of explanation.parts) {
    if (part.name === "residual" && Math.abs(part.contribution) < 0.005) continue;
    const fill = h("span", {class: part.contribution < 0 ? "fill minus" : "fill"});
    fill.style.width = `${(100 * Math.abs(part.contribution)) / largest}%`;
    const title = part.strongest ? `most by: ${part.strongest.meaning}` : null;
    body.append(h("tr", {title}, h("th", {scope: "row"}, part.meaning),
      h("td", {class: "track", "aria-hidden": "true"}, fill), h("td", {}, signed(part.contribution))));
  }
  body.append(h("tr", {}, h("th", {scope: "row"}, "score"), h("td", {class: "track"}),
    h("td", {}, signed(explanation.score))));
  return h("table", {class: "parts"}, h("caption", {class: "hidden"}, "Parts of the score"), body);
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// All reasons but the first, which stands on the card, and what the score is made of.
export function why(movie) {
  const others = movie.reasons.slice(1).map((reason) => h("li", {}, sentence(reason.text)));
  return h("div", {class: "why", hidden: true, id: `why-${movie.movieId}`},
    others.length > 0 ? h("h3", {}, "Also") : null,
    others.length > 0 ? h("ul", {}, ...others) : null,
    h("h3", {}, "What makes its score"), parts(movie.explanation));
}

export function card(movie, actions) {
  const details = why(movie);
  const toggle = h("button", {type: "button", class: "why-button", "aria-expanded": "false",
                              "aria-controls": details.id, onclick: () => {
    details.hidden = !details.hidden;
    toggle.setAttribute("aria-expanded", String(!details.hidden));
    toggle.closest(".card").classList.toggle("open", !details.hidden);
  }}, "Why");
  const facts = h("p", {class: "facts"});
  if (movie.predicted != null) {
    facts.append(h("span", {}, "for you ", h("b", {}, `${oneDecimal(movie.predicted)} \u2605`)));
  }
  if (movie.mean != null) {
    facts.append(h("span", {}, `${oneDecimal(movie.mean)} by ${movie.ratings.toLocaleString("en")}`));
  }
  return h("li", {class: "card", "data-movie": movie.movieId, onkeydown: (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key >= "1" && event.key <= "5") actions.rate(movie, Number(event.key));
    else if (event.key === "x") actions.hide(movie);
    else if (event.key === "w") toggle.click();
    else return;
    event.preventDefault();
  }},
    poster(movie),
    h("div", {class: "body"}, facts, h("p", {class: "reason"}, sentence(movie.reason)),
      h("div", {class: "actions"}, stars(movie, actions.rate, 0), toggle,
        h("button", {type: "button", class: "hide", "aria-label": `Not for me: ${movie.title}`,
                     onclick: () => actions.hide(movie)}, "Not for me")),
      details));
}
