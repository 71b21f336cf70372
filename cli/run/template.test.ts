import { describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { render, templateOf } from "./template.ts";

const secrets = openSecrets();

function written(format: string, password: string): string {
  const secret = secrets.adopt(new TextEncoder().encode(password));
  try {
    const text = render(secrets, templateOf(format), secret, "pass");
    const said = text.expose((bytes) => new TextDecoder().decode(bytes));
    text.destroy();
    return said;
  } finally {
    expect(secrets.stats.live).toBe(0);
  }
}

describe("a template", () => {
  it("escapes by the rules of its format", () => {
    expect(written("pgpass", "a:b\\c d")).toBe("*:*:*:*:a\\:b\\\\c d\n");
    expect(written("pgpass:db:5432:app:me", "x")).toBe("db:5432:app:me:x\n");
    expect(written("pgpass:\\:\\:1", "x")).toBe("\\:\\:1:*:*:*:x\n");
    expect(written("netrc:example.org:me", "p:ä#'")).toBe(
      "machine example.org login me password p:ä#'\n",
    );
    expect(written("netrc:example.org", "x")).toBe("machine example.org password x\n");
    expect(written("mysql:app", "a\"b\\c#'d\te\nf ")).toBe(
      '[client]\nuser=app\npassword="a\\"b\\\\c#\'d\\te\\nf "\n',
    );
    expect(written("mysql", "x")).toBe('[client]\npassword="x"\n');
  });

  it.each([
    ["pgpass", ["a\nb", "a\rb", "a\0b", "x".repeat(60_001)]],
    ["netrc:a", ["a b", "a\tb", "a\nb", 'a"b', "a\\b", "#a", "a\x7f", "x".repeat(2001)]],
    ["mysql", ["a\0b", "x".repeat(4001), '"'.repeat(2001)]],
  ])("refuses what %s cannot have, and does not quote it", (format, passwords) => {
    for (const password of passwords) {
      expect(() => written(format, password)).toThrow(/^pass cannot be written as /);
    }
  });

  it("names what is around the secret in characters that no format reads in another way", () => {
    for (const wrong of [
      ...["", "pg", "netrc", "netrc:", "netrc:a:b:c", "pgpass:a:b:c:d:e", "mysql:a:b"],
      ...["netrc:a b", "mysql:a\nb", "pgpass::", "mysql:a\\", "netrc:ä"],
      ...[
        "pgpass:#a",
        "netrc:#a",
        'netrc:a:"b',
        "netrc:a\\b",
        "mysql:a#b",
        "mysql:'a'",
        "mysql:a\\tb",
      ],
    ]) {
      expect(() => templateOf(wrong)).toThrow(/^--template takes NAME=pgpass/);
    }
  });
});
