import { afterEach, expect, it } from "vitest";
import { creationStack } from "./creation_stack.ts";

const { prepareStackTrace } = Error;
afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace as typeof Error.prepareStackTrace;
});

it("is the lines of the stack, without the error that was made for them", () => {
  const [first, own, caller] = creationStack().split("\n");
  expect(first).toBe(", created");
  expect(own).toMatch(/^ +at creationStack /);
  expect(caller).toContain("creation_stack.test.ts");
});

it("is empty where a program makes something other than text of its stacks", () => {
  Error.prepareStackTrace = (_, sites) => sites;
  expect(creationStack()).toBe(", created\n");
});
