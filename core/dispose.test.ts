import { afterEach, expect, it, vi } from "vitest";
import { disposable } from "./dispose.ts";

afterEach(() => vi.unstubAllGlobals());

it("gives a class a method that using calls, and a program may replace", () => {
  class Held {}
  const disposed: Held[] = [];
  disposable(Held, (held) => disposed.push(held));
  const held = new Held() as Held & Disposable;
  held[Symbol.dispose]();
  expect(disposed).toEqual([held]);
  expect(Object.getOwnPropertyDescriptor(Held.prototype, Symbol.dispose)).toMatchObject({
    configurable: true,
    enumerable: false,
    writable: true,
  });
});

it("gives it none where the runtime has no name for it", () => {
  class Held {}
  vi.stubGlobal("Symbol", {});
  disposable(Held, () => undefined);
  vi.unstubAllGlobals();
  expect(Reflect.ownKeys(Held.prototype)).toEqual(["constructor"]);
});
