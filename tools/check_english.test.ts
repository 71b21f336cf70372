import { expect, it } from "vitest";
import { faultsIn, paragraphs, sentences } from "./check_english.ts";

const found = (text: string): readonly string[] => faultsIn({ place: "x", text });

it.each([
  "the memory that cannot be had here",
  "the process is told the number",
  "it takes a look at the pages",
  "encrypts it anew",
  "it blocks meanwhile",
  "off the collected heap",
  "Whoever has it reads it.",
  "It ends. What could not be done is reported.",
  "a, so that b, so that c",
  "read secrets\nfor ever",
])("refuses: %s", (text) => {
  expect(found(text)).toHaveLength(1);
});

it.each([
  "the garbage-collected heap",
  "This looks like PEM.",
  "What a key is for.",
  "It returns, so that the caller goes on.",
  "Who wipes the needle?",
])("allows: %s", (text) => {
  expect(found(text)).toEqual([]);
});

it("reads prose and not code, texts and not comments", () => {
  const document = "one anew\n\n```ts\nanew\n```\n- two\n- three anew\n";
  expect(paragraphs("x", document).flatMap(faultsIn)).toHaveLength(2);
  const source =
    '/** anew */\nthrow new Error("Cannot do it anew"); // anew\nconst a = `it is anew`;';
  expect(sentences("x", source).flatMap(faultsIn)).toHaveLength(2);
});
