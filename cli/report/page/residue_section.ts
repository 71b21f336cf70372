import { titleOf, whereabouts } from "../../residue/render.ts";
import { copiesAt, isHidden, MOMENTS, type Moment, type Residue } from "../../residue/survey.ts";
import { element, escaped } from "./markup.ts";
import { memoryStrip } from "./memory_strip.ts";

const CAPTIONS: Readonly<Record<Moment, string>> = {
  before: "before",
  live: "live",
  ended: "ended",
  later: "later",
};

/** Each approach as a card: its memory at four moments, with every copy marked. */
export function residueSection(results: readonly Residue[]): string {
  return element(
    "section",
    { id: "residue" },
    "<h2>Where a password is</h2>",
    `<p>One password of 24 bytes, read from standard input, used five times and ended. Each strip is a
process: its memory in order of address, read by another process. Where a second process holds the
password, that has its own strip. A mark is a copy, in any of the encodings. <b>Ended</b> is straight
after the program ended it; <b>later</b> is after the event loop turned and the garbage
collector ran. Each scan also found a control in ordinary memory of the same process.</p>`,
    LEGEND,
    element("div", { class: "cards" }, ...results.map(card)),
  );
}

const LEGEND = element(
  "p",
  { class: "legend" },
  ...(
    [
      ["copy live", "copy, in use"],
      ["copy", "copy, left over"],
      ["hidden", "hidden (memfd_secret)"],
      ["closed", "closed pages"],
      ["heap", "heap"],
      ["anonymous", "anonymous"],
      ["file", "files"],
      ["code", "code"],
      ["stack", "stack"],
    ] as const
  ).map(([kind, text]) => `<span><i class="${kind}"></i>${text}</span>`),
);

function card(result: Residue): string {
  const left = copiesAt(result, "later");
  const ended = copiesAt(result, "ended");
  const badge =
    result.failure !== null
      ? element("b", { class: "badge" }, "not seen")
      : element(
          "b",
          { class: ended + left === 0 ? "badge good" : "badge bad" },
          verdict(ended, left),
        );
  return element(
    "article",
    { class: "card" },
    element("header", {}, element("h3", {}, escaped(titleOf(result))), badge),
    element("code", {}, escaped(result.approach.code)),
    ...(result.failure === null ? MOMENTS.map((moment) => strips(result, moment)) : []),
    element("p", { class: "faint" }, escaped(result.failure ?? remainder(result))),
  );
}

function verdict(ended: number, left: number): string {
  return ended > left ? `${ended}, then ${left} left` : `${left} left`;
}

function remainder(result: Residue): string {
  const places = whereabouts(result);
  return [result.runtime, restingPlace(result), places === "" ? "" : `at the end: ${places}`]
    .filter((text) => text !== "")
    .join("; ");
}

/** How well the live password was kept: what the kernel says of the pages that it lay in. */
function restingPlace(result: Residue): string {
  const { atRest } = result.approach;
  const live = result.scans.filter(({ moment }) => moment === "live");
  if (atRest !== undefined && copiesAt(result, "live") === 0) {
    const seen = live.some(({ hidden }) => hidden.length > 0) ? " that can be read" : "";
    return `while live: ${atRest}, in the clear in no memory${seen}`;
  }
  if (live.every(({ findings }) => findings.length === 0)) {
    return isHidden(result) ? "while live: shown to no other process" : "";
  }
  const kept = live
    .flatMap(({ findings }) => findings)
    .map(({ protection, mapping: { flags } }) =>
      [
        protection === "no-access" ? "closed" : "open to every read",
        flags.includes("lo") ? "locked" : "may be swapped",
        flags.includes("dd") ? "not dumped" : "in core dumps",
      ].join(", "),
    );
  return `while live: ${[...new Set(kept)].join("; or ")}`;
}

/** A row for each process: its memory, and the copies in it. */
function strips(result: Residue, moment: Moment): string {
  const hidden = moment === "live" && isHidden(result);
  const scans = result.scans.filter((scan) => scan.moment === moment);
  return element(
    "div",
    { class: "moment" },
    ...scans.flatMap((scan) => {
      const { process, findings } = scan;
      const whose = process === 0 ? "program" : (result.approach.helper ?? "helper");
      return [
        element("span", {}, process === 0 ? CAPTIONS[moment] : escaped(whose)),
        memoryStrip(scan, `${moment}, ${whose}: ${findings.length} copies`),
        element("span", { class: "number" }, hidden ? "hidden" : String(findings.length)),
      ];
    }),
  );
}
