"""Who is in a picture, by the words of its captions."""

import re

PEOPLE = re.compile(
    r"\b(man|men|wom[ae]n|boys?|girls?|child|children|kids?|people|persons?|lady|guys?|baby|infant|"
    r"toddler|players?|riders?|crowd|s?he|his|her|they|their|couple|group|family|faces?|owner|"
    r"hands?|arms?|legs?|bikers?|skiers?|surfers?|swimmers?|hikers?|climbers?|team|someone|adults?|"
    r"males?|females?|teen\w*|jockeys?|trainers?|handlers?|soldiers?|workers?|cowboys?|clowns?|"
    r"humans?)\b",
    re.IGNORECASE,
)
ANIMALS = re.compile(
    r"\b(animals?|beagles?|birds?|bulldogs?|calf|camels?|cats?|collies?|cows?|dalmatians?|dogs?|"
    r"ducks?|elephants?|goats?|greyhounds?|horses?|kittens?|labradors?|monkeys?|poodles?|pups?|"
    r"pupp(y|ies)|retrievers?|seagulls?|sheep|shepherds?|terriers?)\b",
    re.IGNORECASE,
)


def names_animals_alone(captions: str) -> bool:
    """Check whether captions name an animal and no person."""
    return bool(ANIMALS.search(captions)) and not PEOPLE.search(captions)
