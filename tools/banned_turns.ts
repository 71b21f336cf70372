/** Turns that an English-speaking engineer reads twice, each with what to write instead. */
export const BANNED: readonly (readonly [turn: RegExp, instead: string])[] = [
  [/\b(?:be|was|is|were|are|been) had\b|\bnot had\b/, "available, or: say who has it"],
  [/\b(?:is|are|was|were|be|being) told\b/, "say who tells whom, or: gets, reads, learns"],
  [
    /\b(?:a|one|the|this|each|every|another|its) (?:last |first |second )?looks?\b(?!-| like)/,
    "check, scan, read",
  ],
  [/\blooks? into\b/, "reads, scans"],
  [/\banew\b/, "again"],
  [/\bmeanwhile\b/, "while …, during that time"],
  [/\bfor ever\b/, "forever, or: until …"],
  [/(?<!-)\bcollected heap\b/, "garbage-collected heap"],
  [/\b(?:whoever|whosoever)\b/i, "anyone who, a program that"],
  [/(?:^|[.:;|] )Who (?!wipes)[a-z]+s?\b(?![^.|:]*\?)/, "anyone who, or name the subject"],
  [
    /(?:[.|] )What [^.?|:;]*? (?:is|are|was|were|has|have|does|goes|stays|comes|takes|can|cannot|must|needs) [^.?|:]*\./,
    "name the subject",
  ],
  [/\bso that [^.|]*\bso that\b/, "two sentences"],
  [/\bno (?:longer|more) than nothing\b/, "nothing"],
  [
    /(?<!\bthere )\b(?:is|are|was|were) no (?!longer|more\b|such|way\b|other\b|matter|less)/i,
    "is not a …",
  ],
  [/\bfor want of\b/, "because there is no"],
  [/\bwherefrom|wherein|whereof|therein|thereof|thereby\b/, "plain words"],
  [/\bit takes? (?:FFI|root)\b/, "needs"],
  [/\bunless it is told\b|\buntil it is told\b/, "unless you pass"],
  [/\b(?:of its|of their) own\b(?! (?:user|runtime))/, "its own …, or: a separate …"],
];
