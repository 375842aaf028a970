#!/usr/bin/env python3
"""Checks every sentence of why a movie is recommended against the CSV files, with code of its own.

    recommend --all -n 10 --format jsonl ... | audit_reasons.py DATA_FOLDER [LEAST_SHARE]

Each number is counted again from ratings.csv, movies.csv and tags.csv; whom "loved" means, and what
each kind of sentence needs to be said, is in common/ranking/reasons.h and audience.h. Prints how
many sentences of each kind there are, and fails with examples if one is not true, or if less than
LEAST_SHARE (0.6) of the first ones name more than genres. Needs no packages.
"""
import bisect
import collections
import csv
import datetime
import json
import math
import re
import sys

NEVER = 5.5
# Not how the program knows them: it goes by how movies with a tag are rated.
BLAME = {
    *("awful", "bad", "bad acting", "bad plot", "boring", "cliche", "disappointing", "dull"),
    *("lame", "overrated", "poorly written", "pointless", "predictable", "pretentious", "slow"),
    *("stupid", "terrible", "too long", "unfunny", "waste of time", "way too long", "worst"),
}
ROMAN = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII"]


def rows(folder, name):
    try:
        with open(f"{folder}/{name}.csv", encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    except FileNotFoundError:
        return


def words(title):
    return sorted(re.findall(r"\w+", title))


def love_of(ratings):
    most = max(ratings)
    if most >= 4.5:
        return 4.5
    return 4.0 if most == 4 and sum(ratings) < 4 * len(ratings) else NEVER


class Data:
    """The three files, and what the sentences count."""

    def __init__(self, folder):
        self.movies = {int(r["movieId"]): r for r in rows(folder, "movies")}
        self.history = collections.defaultdict(dict)
        self.time = {}
        for r in rows(folder, "ratings"):
            user, movie = int(r["userId"]), int(r["movieId"])
            self.history[user][movie] = float(r["rating"])
            self.time[user, movie] = int(float(r["timestamp"]))
        self.people = len(self.history)
        self.love = {u: love_of(list(h.values())) for u, h in self.history.items()}
        self.raters, self.fans = collections.defaultdict(set), collections.defaultdict(set)
        for user, history in self.history.items():
            for movie, stars in history.items():
                self.raters[movie].add(user)
                if stars >= self.love[user]:
                    self.fans[movie].add(user)
        self.newest = max(self.time.values())
        self.read_tags(folder)
        self.measure_spread()
        self.count_recent()

    def read_tags(self, folder):
        self.tags, self.taggers = collections.defaultdict(set), collections.defaultdict(set)
        for r in rows(folder, "tags"):
            user, movie = int(r["userId"]), int(r["movieId"])
            tag = " ".join(r["tag"].split()).lower()
            if (user, movie) in self.time and int(r["timestamp"]) <= self.newest:
                self.tags[movie].add(tag)
                self.taggers[tag].add(user)
        self.tagged = collections.defaultdict(list)
        for movie, tags in self.tags.items():
            for tag in tags:
                self.tagged[tag].append(movie)

    def measure_spread(self):
        every = [s for h in self.history.values() for s in h.values()]
        mean = sum(every) / len(every)
        deviation, sums = {}, collections.defaultdict(float)
        for user, history in self.history.items():
            total, n = sum(history.values()), len(history)
            for movie, stars in history.items():
                usual = (total - stars + 5 * mean) / (n - 1 + 5)
                deviation[user, movie] = stars - usual
                sums[movie] += stars - usual
        self.merit = {m: s / (len(self.raters[m]) + 5) for m, s in sums.items()}
        errors = collections.defaultdict(list)
        for (_, movie), d in deviation.items():
            n = len(self.raters[movie])
            error = d - (sums[movie] - d) / (n - 1 + 5)
            errors[n.bit_length()].append(error * error)
            errors[None].append(error * error)
        self.spreads = errors

    def spread(self, movie):
        errors = self.spreads[len(self.raters[movie]).bit_length()]
        if len(errors) < 30:
            errors = self.spreads[None]
        return math.sqrt(sum(errors) / len(errors))

    def count_recent(self):
        self.recent = collections.defaultdict(set)
        for (user, movie), time in self.time.items():
            if time > self.newest - 90 * 86400:
                self.recent[movie].add(user)
        self.recent_counts = sorted(len(users) for users in self.recent.values())
        self.counts = sorted(len(users) for users in self.raters.values())

    def title_is(self, movie, text):
        return words(self.movies[movie]["title"]) == words(text)

    def name_is_of(self, movie, name):
        title = words(self.movies[movie]["title"].lower())
        return all(word in title for word in words(name.lower()))

    def has_theme(self, movie, genres, tags):
        return set(genres) <= set(self.movies[movie]["genres"].split("|")) and set(
            tags
        ) <= self.tags.get(movie, set())


def above(counts, n):
    """How many of the sorted counts are n or more."""
    return len(counts) - bisect.bisect_left(counts, n)


def near(text, value):
    return abs(float(text) - value) <= 0.0501


def people(d, row, reason, m):
    user, movie, other = row["user"], row["movie"], reason["movie"]
    kind = d.fans if m[4] == "loved" else d.raters
    fans = d.fans[other] - {user}
    both = kind[movie] & fans
    share = len(kind[movie] - {user}) / (d.people - 1)
    yield "title", d.title_is(other, m[3])
    yield "the user loved it", d.history[user][other] >= d.love[user]
    yield "enough people", len(fans) >= 10 and len(both) >= 5
    yield "counts", (len(both), len(fans)) == (int(m[1]), int(m[2]))
    yield "times", near(m[5], len(both) / len(fans) / share)


def series(d, row, reason, m):
    other, number = reason["movie"], m[1]
    title = d.movies[row["movie"]]["title"]
    yield "title", d.title_is(other, m[3])
    yield "name", d.name_is_of(row["movie"], m[2]) and d.name_is_of(other, m[2])
    yield "stars", float(m[4]) == d.history[row["user"]][other] >= d.love[row["user"]]
    if number:
        yield "number", number in words(title) or ROMAN[min(int(number), 13)] in words(title)


def theme(d, row, reason, m):
    user, movie, other = row["user"], row["movie"], reason["movie"]
    genres = m[1].split(" and ") if m[1] else []
    tags = re.findall(r'"(.*?)"(?= and "|$)', m[2] or "")
    history = d.history[user]
    alike = [x for x in history if x != movie and d.has_theme(x, genres, tags)]
    yield "something is shared", genres or tags
    yield "both have it", d.has_theme(movie, genres, tags) and d.has_theme(other, genres, tags)
    yield "the user loved it", history[other] >= d.love[user]
    for tag in tags:
        rated = [d.merit[x] for x in d.tagged[tag] if x in d.merit]
        yield f'"{tag}" is of two people', len(d.taggers[tag]) >= 2
        yield f'"{tag}" is no blame', tag not in BLAME and sum(rated) > 0
    if m[3]:
        loved = sum(history[x] >= d.love[user] for x in alike)
        yield "counts", (loved, len(alike)) == (int(m[3]), int(m[4]))
        yield "title", d.title_is(other, m[5])
    else:
        yield "few", len(alike) < 3
        yield "title", d.title_is(other, m[6])
        yield "stars", float(m[7]) == history[other]


def popular(d, row, reason, m):
    raters, fans = d.raters[row["movie"]], d.fans[row["movie"]]
    yield "counts", (len(raters), d.people, len(fans)) == tuple(int(m[i]) for i in (1, 2, 3))
    yield "popular", len(raters) >= 20
    yield "the twentieth", above(d.counts, len(raters)) <= len(d.counts) / 20


def recent(d, row, reason, m):
    raters = d.recent[row["movie"]]
    fans = raters & d.fans[row["movie"]]
    date = datetime.datetime.fromtimestamp(d.newest, datetime.timezone.utc)
    yield "date", m[2] == date.strftime("%Y-%m-%d")
    yield "counts", (len(raters), len(fans)) == (int(m[3]), int(m[4]))
    most = 1 if m[1] == "most rated" else 10
    yield "most rated", len(raters) >= 10 and above(d.recent_counts, len(raters)) <= most


def prediction(d, row, reason, m):
    history = d.history[row["user"]].values()
    mean = sum(history) / len(history)
    yield "stars", near(m[1], row["rating"]) and row["rating"] >= 2.999
    yield "spread", near(m[2], d.spread(row["movie"]))
    yield "mean", near(m[3], mean) and row["rating"] > mean + 0.249


def nothing(d, row, reason, m):
    yield "alone", len(row["reasons"]) == 1


THEME = (
    r'(?:: you loved (\d+) of the (\d+) you rated, such as (.+)'
    r'|, as in (.+), which you gave ([\d.]+) stars)'
)
SENTENCES = [
    (
        r"(\d+) of the (\d+) others who loved (.+) (loved|saw) this too, "
        r"([\d.]+) times the usual share",
        people,
    ),
    (r'(?:part (\d+) of|another) "(.+)"; you gave (.+) ([\d.]+) stars', series),
    (r'()tagged (".*?")' + THEME, theme),
    (r'([^"]*?)(?: tagged (".*?"))?' + THEME, theme),
    (r"rated by (\d+) of (\d+) people, and loved by (\d+) of them", popular),
    (
        r"(most rated|one of the ten most rated) of the 90 days to ([\d-]+): "
        r"rated by (\d+) people, and loved by (\d+)",
        recent,
    ),
    (
        r"we expect ([\d.]+) stars, give or take ([\d.]+) \(your mean is ([\d.]+)\)",
        prediction,
    ),
    (r"no single fact stands out: it is the sum of many small ones", nothing),
]


def faults(d, row, reason):
    for pattern, check in SENTENCES:
        m = re.fullmatch(pattern, reason["text"])
        if m:
            return [name for name, good in check(d, row, reason, m) if not good]
    return ["no sentence that is known"]


def main():
    d = Data(sys.argv[1])
    least = float(sys.argv[2]) if len(sys.argv) > 2 else 0.6
    first, n, wrong, named = collections.Counter(), 0, 0, 0
    for line in sys.stdin:
        row = json.loads(line)
        reasons = row["reasons"]
        bits = [reason["bits"] for reason in reasons]
        found = [] if bits == sorted(bits, reverse=True) else ["not the strongest first"]
        found += [] if row["reason"] == reasons[0]["text"] else ["not the first of the reasons"]
        for reason in reasons:
            n += 1
            found += [f"{fault}: {reason['text']}" for fault in faults(d, row, reason)]
        wrong += len(found) > 0
        if found and wrong <= 10:
            print(f"user {row['user']}, {row['title']}: {'; '.join(found)}")
        top = reasons[0]
        genres_alone = top["kind"] == "theme" and '"' not in top["text"]
        named += not genres_alone and top["kind"] != "none"
        first["genres alone" if genres_alone else top["kind"]] += 1
    lists = max(sum(first.values()), 1)
    shares = ", ".join(f"{kind} {count / lists:.1%}" for kind, count in first.most_common())
    print(f"{lists} recommendations, {n} sentences, {wrong} wrong; first: {shares}")
    print(f"name more than genres: {named / lists:.1%} (at least {least:.0%})")
    return 0 if n > 0 and wrong == 0 and named >= least * lists else 1


sys.exit(main())
