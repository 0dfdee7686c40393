"""Random workflows, well nested and mostly sound, and random stories to play with them; every pick is one byte of dice."""

from hypothesis import strategies as st

from tests.planning.random_conditions import FULL, Dice

EVENTS = ("offer.sent", "contract.signed", "trade_in.recorded")
CONDITIONS = ({"status": "open"}, {"asked_for": {"contains": "finance"}}, {"asked_for": {"contains": "insurance"}}, {"requested_contact": True})
KINDS = ("activity",) * 5 + ("wait", "wait", "decide", "branches", "branches", "each", "do", "workflow")
PLAIN = ("activity", "activity", "wait", "do")


class Maker:
    """Makes a workflow's data: chains of steps that lead on, out to an end, or back to a step with a limit."""

    def __init__(self, dice):
        self.dice = dice
        self.steps = 0
        self.blocks = []

    def chance(self, one_in):
        return self.dice.pick(range(one_in)) == one_in - 1

    def chain(self, depth, most, exits, last, back=True):
        """Steps one after the other: name -> data. `exits` are steps outside they may lead to; `last` is where the last one leads."""
        names = []
        for _ in range(self.dice.pick(range(1, most + 1))):
            self.steps += 1
            names.append(f"s{self.steps}")
        made = {}
        for place, name in enumerate(names):
            ahead = [*names[place + 1 :], *([last] if last else []), *exits]
            made[name] = self.step(depth, ahead, names[place + 1] if place + 1 < len(names) else last)
            if back and place and self.chance(4):
                self.lead_back(made, names[: place + 1], ahead)
        return made

    def lead_back(self, made, names, ahead):
        """An outcome that leads to an earlier step of the chain, which gets a limit."""
        back, source = made[names[self.dice.pick(range(len(names) - 1))]], made[names[-1]]
        if source.get("activity") == "call" and back.get("activity") and "only_while" not in back:
            source["outcomes"]["given_up"] = {"next": next(name for name, one in made.items() if one is back)}
            back["at_most"] = self.dice.pick((2, 3))
            back["else"] = {"next": ahead[-1]} if ahead else {}

    def step(self, depth, ahead, then):
        kinds = KINDS if depth and self.steps < 9 else PLAIN
        return getattr(self, f"_{self.dice.pick(kinds)}")(depth, ahead, {"next": then} if then else {})

    def way(self, ahead, then):
        return {"next": self.dice.pick(ahead)} if ahead and self.chance(2) else dict(then)

    def _activity(self, depth, ahead, then):
        made = {"activity": self.dice.pick(("a", "call", "b", "call", "c")), "due": f"{self.dice.pick((2, 1, 5))} days", "assign": ["owner"]}
        if made["activity"] == "call":
            again = {"tries": ["4 hours", "1 day"][: self.dice.pick((1, 2))], "else": self.way(ahead, then)}
            made["outcomes"] = {"reached": dict(then), "no_answer": again if self.chance(2) else self.way(ahead, then), "given_up": self.way(ahead, then)}
        else:
            made["outcomes"] = {"done": dict(then)}
        if self.chance(3):
            made["remind"] = self.dice.pick(("on the day", ["1 day before", "1 day after"]))
        if self.chance(4):
            made["escalate"] = {"after": "1 day", "to": "sales_manager"}
        if self.chance(3):
            made["deadline"] = {"after": "3 days", **self.way(ahead, then)}
        if self.chance(5):
            made |= {"only_while": [{"status": "open"}], "else": self.way(ahead, then)}
        if depth == 2 and self.chance(5):
            made["slot"] = "vehicle"
        return made

    def _wait(self, depth, ahead, then):
        timed = self.dice.pick(({"for": "5 hours"}, {"for": "2 days"}, {"for": "2 business days"}, {"until": "3 days after recorded_at"}))
        if self.chance(2):
            return {"wait": timed, **then}
        return {"wait": {"came": {"event": self.dice.pick(EVENTS), **self.way(ahead, then)}, "late": {**timed, **then}}}

    def _decide(self, depth, ahead, then):
        return {"decide": {"yes": {"where": [self.dice.pick(CONDITIONS)], **self.way(ahead, then)}, "else": dict(then)}}

    def _do(self, depth, ahead, then):
        return {"do": {"noted": {"history": {"action": "mailing"}}}, **then}

    def _workflow(self, depth, ahead, then):
        start = {"workflow": "care", "subject": "customer"}
        if self.chance(3):
            return {**start, "detached": True, **then}
        return {**start, "outcomes": {"happy": dict(then), "unhappy": self.way(ahead, then)}}

    def _joined(self, number, then):
        made = {"join": self.dice.pick(("all", "first", "all", f"2 of {number}")), **then}
        return made | ({"rest": "keep"} if made["join"] != "all" and self.chance(2) else {})

    def _block(self, depth, ahead, joined, back=True):
        """A branch: its name, and its first step with what follows inside it."""
        (name, first), *more = self.chain(depth - 1, 2, ["lost"] if joined["join"] == "all" else [*ahead, "lost"], "", back).items()
        return name, first | ({"steps": dict(more)} if more else {})

    def _branches(self, depth, ahead, then):
        number = self.dice.pick((2, 2, 3))
        joined = self._joined(number, then)
        branches = {}
        for _ in range(number):
            name, branch = self._block(depth, ahead, joined)
            branches[name] = branch | ({"where": [self.dice.pick(CONDITIONS)]} if self.chance(3) else {})
        return {"branches": branches, **joined}

    def _each(self, depth, ahead, then):
        joined = self._joined("all", then)
        return {"each": {"offer": {"of": "offers", "later": self.dice.pick(("join", "ignore")), **self._block(1, ahead, joined, False)[1]}}, **joined}

    def flow(self):
        steps = self.chain(2, 4, ["lost"], "over")
        made = {"label": "Case", "for": "opportunity", "purpose": "internal", "start": {"on": "opportunity.recorded"}}
        watches = {}
        if self.chance(3):
            watches["lost"] = {"event": "opportunity.lost", "next": "lost"}
        blocks = [name for name, one in steps.items() if "branches" in one or "each" in one]
        if blocks and self.chance(2):
            watches["settled"] = {"event": "opportunity.won", self.dice.pick(("cancel", "complete")): self.dice.pick(blocks)}
        if watches:
            made["on"] = watches
        if self.chance(4):
            made["stop_when"] = [{"customer.deceased": True}]
        ends = {"over": {"end": "over"}} | ({"lost": {"end": "lost"}} if "'lost'" in repr((steps, watches)).replace("'lost': {'event'", "") else {})
        return {**made, "steps": {**steps, **ends}}


MOVES = ("tick",) * 4 + ("done",) * 7 + ("cancel", "offer", "status", "contract", "trade_in", "asked", "deceased")


@st.composite
def stories(draw):
    """(a workflow's data, what happens: (what, two numbers to pick with, the write statement before which it is killed or None))."""
    dice = Dice(draw(st.one_of(st.binary(min_size=600, max_size=600), FULL, FULL, FULL)))
    flow = Maker(dice).flow()
    moves = [(dice.pick(MOVES), dice.pick(range(251)), dice.pick(range(251)), dice.pick((None, *range(24)))) for _ in range(dice.pick(range(8, 25)))]
    return flow, moves
