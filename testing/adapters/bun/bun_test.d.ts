/** The part of bun:test that is used here. Its own types would bring all of Bun's globals along. */
declare module "bun:test" {
  export const test: {
    (name: string, body: () => void): void;
    skip(name: string, body: () => void): void;
  };
}
