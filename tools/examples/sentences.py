"""Notes from an imaginary county, with every person, place, organisation and date in them marked.
All names are invented."""

PERSONS = ["Ilse Varrow", "Tomas Breckling", "Anneke Dorval", "Rufus Halloway-Penn", "Mirela Stanz",
           "Jonah Quillfeather", "Priya Talmere", "Oskar Lindquell", "Fenna Marsh-Oakes",
           "Baptiste Corvelle", "Dr. Noor Kestrin", "Wanda Pellisker", "Eamon Druce", "Salomé Arvide",
           "Hiro Tanemori", "Greta Ambleforth", "Zoltán Merreky", "Adaeze Okwill", "Ada Brill",
           "Lucía Fontarel"]
PLACES = ["Marlow Sound", "Port Ellery", "Greyfen", "the Tarn Valley", "Upper Kessing",
          "Saint Odile Bay", "Brackenhurst", "Lake Orrin", "Dunmarrow", "Osprey Lane", "Hollin Cross",
          "Vällmo", "New Tarrow", "Cape Sorrel", "Wexcote"]
ORGS = ["the Ellery Harbour Board", "Northlight Ferries", "Kessing Grammar School", "Tarn & Sons",
        "the Greyfen Gazette", "Orrin Water Trust", "Quince Street Bakery", "the Wexcote Choir",
        "Mallow Clinic", "Sorrel Rail", "the Dunmarrow Museum", "Halcyon Instruments"]
DATES = ["3 March 1987", "14 June", "12 October 2004", "New Year's Eve", "1 September",
         "28 February 1953", "6 May 2019", "11 November", "Midsummer Day", "2 January 2021"]
WHEN = ["last Tuesday", "yesterday", "in May 2019", "last spring", "in the summer of 1962",
        "two weeks ago", "in the autumn of 1911"]

# {P} person, {L} place, {O} organisation, {D} a day, {W} a time without preposition of its own (its
# leading "in" is not part of the date); "the" belongs to a name only where it stands in the list.
SENTENCES = [
    "{P} moved to {L} in order to work for {O}.",
    "On the ferry from {L} to {L}, {P} met a surveyor of {O}.",
    "{O} will close its office in {L} from {D} on.",
    "“We never signed that,” said {P}, who speaks for {O}.",
    "The bridge at {L} was opened by {P} {W}.",
    "{P} and {P} have run {O} together since {D}.",
    "{W}, {P} came back to {L} after many years.",
    "A letter dated {D} shows that {P} once lived in {L}.",
    "After the storm {W}, {O} sent two crews to {L}.",
    "Nobody at {O} had heard of {P} before {D}.",
    "The road between {L} and {L} stays closed until {D}.",
    "{P} won the regatta at {L} {W}.",
    "{O} announced on {D} that {P} would step down.",
    "A new clinic in {L} is to be named after {P}.",
    "The painting was found at {L}, wrapped in a newspaper of {D}.",
    "{P} teaches the cello in {L} and keeps the books of {O}.",
    "The meeting of {O} has been moved from {D} to {D}.",
    "Travellers to {L} should change at {L}.",
    "In {L}, {P} is remembered for planting the lime trees.",
    "{O} bought the old mill at {L} from {P} {W}.",
    "By {D} the whole of {L} had electric light.",
    "{P}, a postman from {L}, found the missing dog {W}.",
    "{O} and {O} share one roof in {L}.",
    "The minutes were taken by {P} and read aloud on {D}.",
    "The lease of {O} in {L} runs out on {D}.",
    "{P} swam from {L} to {L} in under three hours.",
    "Please ask {P} whether {O} has answered our letter of {D}.",
    "Between {D} and {D} no ship left {L}.",
    "{P} handed the keys of the lighthouse to {P} {W}.",
    "At {O}, the day begins with a bell that {P} brought from {L}.",
    "{O} offers two evening classes in {L}, both led by {P}.",
    "The photograph shows {P} on the pier of {L}, with {P} behind the camera.",
    "Since {D} the market in {L} has been run by {O}.",
    "“If it snows, we stay in {L},” wrote {P} {W}.",
    "{P} left {O} after an argument over a boat.",
    "The archive of {O} burned down on {D}, but {P} had kept copies.",
    "It rained without a break, and the fair was put off.",
    "Nobody came, so we ate the cake ourselves.",
]
