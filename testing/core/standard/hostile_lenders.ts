import { expect } from "vitest";
import { equalBytes } from "../../../core/bytes.ts";
import type { Secrets } from "../../../core/mod.ts";
import type { StandardSecretV1 } from "../../../core/standard/standard.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { FakeMemory } from "../fake_memory.ts";
import { sample } from "../samples.ts";
import { lending } from "./lenders.ts";

// A lender is code of somebody else, and so is what a program loads beside it.

/** The secrets of one test, over a memory that notes each breach of its rules. */
export class LenderScene {
  readonly memory: FakeMemory = new FakeMemory();
  readonly secrets: Secrets = openSecrets({ memory: this.memory });

  /** No rule was broken, and no page stayed open. */
  end(): void {
    this.secrets.purge();
    expect(this.memory.violations).toEqual([]);
    expect(this.memory.regions.filter(({ protection }) => protection !== "no-access")).toEqual([]);
  }
}

/** The name that makes a promise of an object. */
export const THEN = "then";

export type Take = (bytes: unknown) => unknown;

/** A lender of 20 bytes that lends as `expose` does. */
export function lender(expose: (use: Take) => unknown): StandardSecretV1 {
  return lending(20, expose);
}

/** Runs `attack` while `object` has other properties, and puts it back. */
export function having<T>(
  object: object,
  properties: Record<PropertyKey, unknown>,
  attack: () => T,
): T {
  const before = Reflect.ownKeys(properties).map(
    (key) => [key, Object.getOwnPropertyDescriptor(object, key)] as const,
  );
  try {
    for (const [key] of before) {
      const given = Object.getOwnPropertyDescriptor(properties, key) as PropertyDescriptor;
      Object.defineProperty(object, key, { ...given, configurable: true });
    }
    return attack();
  } finally {
    for (const [key, own] of before) {
      Reflect.deleteProperty(object, key);
      if (own !== undefined) Object.defineProperty(object, key, own);
    }
  }
}

/** What each way to use a lender comes to. */
export function waysOf(
  secrets: Secrets,
): Readonly<Record<string, (input: StandardSecretV1) => unknown>> {
  return {
    adopt: (input) => textOf(secrets.adopt(input)),
    equals: (input) => secrets.move(sample(20)).equals(input),
    equalBytes: (input) => equalBytes(sample(20), input),
    encode: (input) => textOf(secrets.encode(input, "hex")),
    base64: (input) => textOf(secrets.encode(input, "base64")),
  };
}

/** The bytes as text, with nothing that a test has replaced. */
function textOf(secret: StandardSecretV1): string {
  const { byteLength, expose } = secret["~secret"];
  return expose((bytes) => {
    let text = "";
    for (let at = 0; at < byteLength; at++) text += `${bytes[at]} `;
    return text;
  });
}

const CONTENT: readonly number[] = [...sample(20)];

/** A lender that depends on no method either. */
export function plainLender(): StandardSecretV1 {
  return lender((use) => {
    const bytes = new Uint8Array(new ArrayBuffer(20));
    for (let at = 0; at < 20; at++) bytes[at] = CONTENT[at] as number;
    return use(bytes);
  });
}

/** What all of them come to. */
export function all(secrets: Secrets, make: () => StandardSecretV1): unknown {
  const ways = waysOf(secrets);
  const results: Record<string, unknown> = {};
  for (const name of Object.keys(ways)) results[name] = ways[name]?.(make());
  return results;
}

/** What they come to for {@link plainLender}. */
export const RIGHT: object = {
  adopt: `${CONTENT.join(" ")} `,
  equals: true,
  equalBytes: true,
  encode: `${[...Buffer.from(Buffer.from(CONTENT).toString("hex"))].join(" ")} `,
  base64: `${[...Buffer.from(Buffer.from(CONTENT).toString("base64"))].join(" ")} `,
};
