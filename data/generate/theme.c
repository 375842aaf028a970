#include "data/generate/theme.h"

#include <stdio.h>

static const struct theme themes[] = {
    {"Action|Adventure|Sci-Fi",
     1992,
     14,
     {"Galaxy", "Star", "Nebula", "Orbit", "Comet", "Void", "Starship"},
     {"space", "aliens", "spaceship", "robots", "epic"}},
    {"Sci-Fi|Thriller",
     1999,
     11,
     {"Circuit", "Signal", "Machine", "Network", "Replica", "Code", "Memory"},
     {"dystopia", "artificial intelligence", "cyberpunk", "future", "mindfuck"}},
    {"Adventure|Sci-Fi",
     1993,
     13,
     {"Paradox", "Hour", "Century", "Portal", "Clock", "Tomorrow", "Expedition"},
     {"time travel", "alternate reality", "science", "adventure", "cult film"}},
    {"Action|Adventure|Fantasy",
     2009,
     6,
     {"Guardian", "Titan", "Avenger", "Phantom", "Shield", "Champion", "Legion"},
     {"superhero", "comic book", "special effects", "good versus evil", "franchise"}},
    {"Action|Thriller",
     1986,
     17,
     {"Agent", "Protocol", "Dossier", "Cipher", "Embassy", "Sleeper", "Mandate"},
     {"espionage", "spy", "cold war", "conspiracy", "assassin"}},
    {"Crime|Thriller",
     1997,
     13,
     {"Heist", "Vault", "Score", "Diamond", "Getaway", "Con", "Jackpot"},
     {"heist", "twist ending", "clever", "stylish", "caper"}},
    {"Crime|Drama",
     1986,
     14,
     {"Family", "Syndicate", "Boss", "Vendetta", "Street", "Debt", "Oath"},
     {"mafia", "organized crime", "violent", "gangsters", "loyalty"}},
    {"Crime|Film-Noir|Mystery",
     1948,
     6,
     {"Alibi", "Shadow", "Dame", "Corpse", "Alley", "Cigarette", "Blonde"},
     {"film noir", "black and white", "femme fatale", "detective", "atmospheric"}},
    {"Mystery|Thriller",
     1983,
     19,
     {"Clue", "Witness", "Secret", "Manor", "Letter", "Disappearance", "Inheritance"},
     {"whodunit", "suspense", "investigation", "plot twist", "murder mystery"}},
    {"Crime|Horror|Thriller",
     1997,
     8,
     {"Killer", "Confession", "Profile", "Scar", "Butcher", "Collector", "Puzzle"},
     {"serial killer", "disturbing", "dark", "psychological", "police"}},
    {"Horror",
     1987,
     8,
     {"Camp", "Scream", "Prom", "Mask", "Cabin", "Massacre", "Halloween"},
     {"slasher", "gore", "teen", "campy", "cult classic"}},
    {"Horror|Mystery|Thriller",
     2002,
     9,
     {"Haunting", "Whisper", "Orphanage", "Mirror", "Attic", "Apparition", "Nursery"},
     {"ghosts", "haunted house", "creepy", "supernatural", "eerie"}},
    {"Action|Horror",
     2004,
     7,
     {"Outbreak", "Horde", "Plague", "Dead", "Quarantine", "Survivor", "Bunker"},
     {"zombies", "post-apocalyptic", "virus", "survival", "gory"}},
    {"Fantasy|Horror|Romance",
     1998,
     12,
     {"Blood", "Coffin", "Bat", "Crypt", "Moon", "Thirst", "Count"},
     {"vampires", "gothic", "immortality", "dark fantasy", "forbidden love"}},
    {"Adventure|Fantasy",
     2001,
     10,
     {"Sword", "Dragon", "Kingdom", "Wizard", "Crown", "Quest", "Throne"},
     {"magic", "dragons", "sword and sorcery", "quest", "based on a book"}},
    {"Animation|Children|Fantasy|Musical",
     1987,
     18,
     {"Princess", "Fairy", "Castle", "Wish", "Unicorn", "Lullaby", "Enchantment"},
     {"fairy tale", "animation", "princess", "songs", "childhood"}},
    {"Adventure|Animation|Children|Comedy",
     2004,
     7,
     {"Penguin", "Hedgehog", "Rascal", "Safari", "Puppy", "Island", "Hamster"},
     {"talking animals", "computer animation", "kids and family", "cute", "funny"}},
    {"Children|Comedy",
     1995,
     9,
     {"Holiday", "Grandpa", "Homework", "Vacation", "Neighbors", "Treehouse", "Birthday"},
     {"family", "kids", "slapstick", "christmas", "feel-good"}},
    {"Comedy",
     1999,
     8,
     {"Party", "Roommate", "Spring Break", "Prank", "Graduation", "Loser", "Summer"},
     {"high school", "crude humor", "college", "stupid but funny", "hilarious"}},
    {"Comedy|Romance",
     1998,
     9,
     {"Wedding", "Kiss", "Valentine", "Bachelor", "Bride", "Date", "Proposal"},
     {"romantic comedy", "love", "chick flick", "wedding", "predictable romance"}},
    {"Comedy|Romance",
     1943,
     8,
     {"Heiress", "Butler", "Honeymoon", "Scandal", "Fiancé", "Telegram", "Masquerade"},
     {"screwball comedy", "classic", "witty dialogue", "black and white", "charming"}},
    {"Drama|Romance",
     1993,
     12,
     {"Garden", "Duchess", "Letters", "Ballroom", "Estate", "Governess", "Promise"},
     {"period piece", "costume drama", "based on a novel", "romance", "beautiful scenery"}},
    {"Action|Drama|War",
     1980,
     18,
     {"Battalion", "Bridge", "Siege", "Bomber", "Beachhead", "Convoy", "Regiment"},
     {"world war ii", "war", "battle", "heroism", "military"}},
    {"Drama|War",
     1988,
     12,
     {"Trench", "Deserter", "Ashes", "Prisoner", "Silence", "Soldier", "Homecoming"},
     {"anti-war", "vietnam", "tragedy", "realistic", "holocaust"}},
    {"Western",
     1956,
     8,
     {"Sheriff", "Stagecoach", "Ranch", "Canyon", "Rifle", "Saddle", "Outpost"},
     {"western", "cowboys", "gunfight", "frontier", "classic western"}},
    {"Action|Western",
     1973,
     8,
     {"Bounty", "Gunslinger", "Coyote", "Noose", "Bullet", "Desperado", "Grave"},
     {"spaghetti western", "revenge", "anti-hero", "desert", "great soundtrack"}},
    {"Musical|Romance",
     1954,
     8,
     {"Melody", "Serenade", "Broadway", "Dancer", "Carousel", "Waltz", "Rhapsody"},
     {"musical", "dance", "technicolor", "broadway", "classic hollywood"}},
    {"Drama|Musical",
     2000,
     9,
     {"Guitar", "Blues", "Encore", "Jazz", "Refrain", "Singer", "Trumpet"},
     {"music", "biography", "rock and roll", "based on a true story", "concert"}},
    {"Comedy|Drama",
     1995,
     11,
     {"Champion", "Inning", "Coach", "Ring", "Touchdown", "Marathon", "Underdog"},
     {"sports", "inspirational", "underdog", "boxing", "baseball"}},
    {"Drama|Thriller",
     1989,
     13,
     {"Verdict", "Juror", "Testimony", "Appeal", "Trial", "Evidence", "Counsel"},
     {"courtroom", "lawyers", "justice", "corruption", "politics"}},
    {"Drama",
     2000,
     11,
     {"Daughter", "Winter", "Farewell", "Sister", "Harbor", "Divorce", "Father"},
     {"family drama", "depressing", "relationships", "thought-provoking", "emotional"}},
    {"Comedy|Drama",
     2002,
     9,
     {"Boy", "Suburb", "Bicycle", "Diary", "Misfit", "Road", "Mixtape"},
     {"coming of age", "quirky", "indie", "nostalgic", "bittersweet"}},
    {"Comedy",
     1985,
     15,
     {"Senator", "Anchorman", "Committee", "Campaign", "Parade", "Bureau", "Ministry"},
     {"satire", "parody", "mockumentary", "absurd", "political satire"}},
    {"Comedy|Crime",
     2000,
     9,
     {"Hitman", "Corpse", "Ransom", "Bungler", "Accomplice", "Undertaker", "Poker"},
     {"black comedy", "dark comedy", "quotable", "ensemble cast", "irony"}},
    {"Documentary",
     2005,
     8,
     {"Ocean", "Glacier", "Planet", "Migration", "Forest", "Reef", "Savanna"},
     {"nature", "documentary", "environment", "narrated", "breathtaking"}},
    {"Documentary",
     2006,
     7,
     {"Crisis", "Election", "Factory", "Whistleblower", "Market", "Border", "Archive"},
     {"politics", "documentary", "capitalism", "journalism", "controversial"}},
    {"Action",
     1982,
     12,
     {"Fist", "Temple", "Tiger", "Dojo", "Crane", "Master", "Ninja"},
     {"martial arts", "kung fu", "fight scenes", "revenge", "hong kong"}},
    {"Action|Drama|Thriller",
     1995,
     13,
     {"Tornado", "Inferno", "Avalanche", "Flight", "Eruption", "Earthquake", "Tsunami"},
     {"disaster", "end of the world", "special effects", "survival", "unrealistic"}},
    {"Adventure|Drama",
     1972,
     18,
     {"Empire", "Voyage", "Gladiator", "Caravan", "Pharaoh", "Mutiny", "Admiral"},
     {"historical", "epic", "ancient rome", "sea", "long"}},
    {"Action|Comedy|Crime",
     1991,
     8,
     {"Cop", "Partner", "Badge", "Stakeout", "Precinct", "Sergeant", "Chase"},
     {"buddy movie", "police", "action comedy", "car chase", "one-liners"}},
};

static const char *const adjectives[] = {
    "Silent", "Broken", "Golden",  "Crimson",  "Last",    "First",   "Hidden",    "Burning",
    "Frozen", "Lost",   "Scarlet", "Midnight", "Distant", "Hollow",  "Forgotten", "Savage",
    "Gentle", "Secret", "Perfect", "Reckless", "Lonely",  "Wild",    "Bitter",    "Electric",
    "Silver", "Fatal",  "Little",  "Great",    "Strange", "Blue",    "Rising",    "Falling",
    "Dark",   "Bright", "Endless", "Innocent", "Double",  "Iron",    "Wicked",    "Restless",
    "Paper",  "Quiet",  "Final",   "Dead",     "Sweet",   "Foreign", "Unlikely",  "Invisible"};
static const char *const general_nouns[] = {
    "Night",   "Heart",  "River",    "Storm",  "Dream",    "Shadow",  "Fire",  "Rain",
    "Dawn",    "Game",   "Stranger", "City",   "Mountain", "Promise", "Truth", "Lie",
    "Winter",  "Summer", "Wolf",     "Raven",  "Angel",    "Devil",   "Child", "Mother",
    "Brother", "Window", "Door",     "Bridge", "Train",    "Road",    "Sky",   "Sea"};
static const char *const places[] = {
    "Avalon",  "Monterey",  "Lisbon",     "Marrakesh", "Tulsa",  "Vienna",   "Shanghai",
    "Bombay",  "Oslo",      "Havana",     "Kyoto",     "Dublin", "Nevada",   "Prague",
    "Cairo",   "Brooklyn",  "Montréal",   "Savannah",  "Odessa", "Santa Fe", "Zanzibar",
    "Córdoba", "Memphis",   "Reno",       "Calcutta",  "Berlin", "Trieste",  "Manila",
    "Alaska",  "Baltimore", "Valparaíso", "Kansas"};
static const char *const first_names[] = {
    "Anna",  "Jack",  "Clara", "Victor", "Molly", "Frank",  "Iris", "Leo",
    "Rosa",  "Henry", "Zoë",   "Max",    "Nora",  "Oscar",  "Ruby", "Simon",
    "Vera",  "Eddie", "Lucy",  "Hugo",   "Mabel", "Arthur", "Dora", "Felix",
    "Greta", "Ivan",  "June",  "Karl",   "Lena",  "Miles",  "Olga", "René"};
static const char *const surnames[] = {
    "Harrow",    "Bellamy",   "Castellano", "Winslow",   "Drummond", "Okafor",   "Petrov",
    "Lindqvist", "Marlowe",   "Quinn",      "Sandoval",  "Thorne",   "Vasquez",  "Whitman",
    "Abernathy", "Blackwood", "Carver",     "Delacroix", "Everett",  "Fontaine", "Grady",
    "Hawkins",   "Ishida",    "Jensen",     "Kessler",   "Lombardi", "Mercer",   "Novak",
    "O'Hara",    "Pemberton", "Ramírez",    "Sterling"};
static const char *const subtitles[] = {"The Return",    "The Reckoning",       "The Final Chapter",
                                        "Resurrection",  "The Next Generation", "Redemption",
                                        "The Beginning", "Homecoming"};
static const char *const romans[] = {"", "", " II", " III", " IV", " V", " VI", " VII", " VIII"};

static const char *const praise[] = {"masterpiece",  "brilliant", "must see",
                                     "great acting", "favorite",  "unforgettable"};
static const char *const blame[] = {"boring",        "predictable", "bad acting",
                                    "waste of time", "overrated",   "too long"};
static const char *const notes[] = {
    "seen more than once", "seen on tv", "own it", "to watch again",
    "netflix queue",       "soundtrack", "remake", "cinematography"};

#define LENGTH(list)    (sizeof(list) / sizeof((list)[0]))
#define DRAW(rng, list) ((list)[rng_below((rng), (uint32_t)LENGTH(list))])

size_t theme_count(void) {
    return LENGTH(themes);
}

const struct theme *theme_at(size_t index) {
    return &themes[index];
}

struct title title_draw(const struct theme *theme, struct rng *rng) {
    struct title t = {.article = 0};
    const char *noun = DRAW(rng, theme->nouns);
    uint32_t form = rng_below(rng, 12);
    t.article = form == 0 || form == 1 || form == 2 || form == 3;
    switch (form) {
    case 0:
    case 4:
        snprintf(t.core, sizeof(t.core), "%s %s", DRAW(rng, adjectives), noun);
        break;
    case 1:
        snprintf(t.core, sizeof(t.core), "%s %s", DRAW(rng, surnames), noun);
        break;
    case 2:
        snprintf(t.core, sizeof(t.core), "%s of the %s", noun, DRAW(rng, general_nouns));
        break;
    case 3:
        snprintf(t.core, sizeof(t.core), "%s %s of %s", DRAW(rng, adjectives), noun,
                 DRAW(rng, places));
        break;
    case 5:
        snprintf(t.core, sizeof(t.core), "%s in %s", noun, DRAW(rng, places));
        break;
    case 6:
        snprintf(t.core, sizeof(t.core), "%s's %s", DRAW(rng, first_names), noun);
        break;
    case 7:
        snprintf(t.core, sizeof(t.core), "%s %s", DRAW(rng, first_names), DRAW(rng, surnames));
        break;
    case 8:
        snprintf(t.core, sizeof(t.core), "%s, %s and %s", noun, DRAW(rng, general_nouns),
                 DRAW(rng, general_nouns));
        break;
    case 9:
        snprintf(t.core, sizeof(t.core), "Beyond the %s %s", DRAW(rng, adjectives), noun);
        break;
    case 10:
        snprintf(t.core, sizeof(t.core), "%s %s", DRAW(rng, general_nouns), noun);
        break;
    default:
        snprintf(t.core, sizeof(t.core), "%s of %s %s", noun, DRAW(rng, first_names),
                 DRAW(rng, surnames));
    }
    return t;
}

void title_format(const struct title *title, enum series_style style, unsigned part, char *out,
                  size_t size) {
    char suffix[40] = "";
    if (part > 1 && style == SERIES_ROMAN && part < LENGTH(romans))
        snprintf(suffix, sizeof(suffix), "%s", romans[part]);
    else if (part > 1 && style == SERIES_SUBTITLE && part - 2 < LENGTH(subtitles))
        snprintf(suffix, sizeof(suffix), ": %s", subtitles[part - 2]);
    else if (part > 1)
        snprintf(suffix, sizeof(suffix), " %u", part);
    snprintf(out, size, "%s%s%s", title->core, suffix, title->article ? ", The" : "");
}

const char *tag_draw(const struct theme *theme, double stars, struct rng *rng) {
    double x = rng_uniform(rng);
    if (x < 0.62) return DRAW(rng, theme->tags);
    if (x < 0.90 && stars >= 4.5) return DRAW(rng, praise);
    if (x < 0.90 && stars <= 2.0) return DRAW(rng, blame);
    if (x < 0.90) return DRAW(rng, theme->tags);
    return DRAW(rng, notes);
}
