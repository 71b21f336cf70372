/** Puts the documents together as the site's generator wants them: copies with links of their own tree. */
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { repositoryHere } from "../repository.ts";
import { apiPages } from "./api_pages.ts";

/** Where the copies are made. */
export const CONTENT = "site/content";

/** Documents that are pages. Every other file of the tree is one of the repository. */
const PAGES: readonly string[] = [
  ...["README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md"],
  "conformance/SPEC.md",
];

/** A group of links beside each page. */
interface SidebarGroup {
  readonly text: string;
  readonly items: readonly { readonly text: string; readonly link: string }[];
}

/** Writes everything. @returns the pages that were written, by their path on the site */
export function writeContent(): readonly string[] {
  rmSync(CONTENT, { recursive: true, force: true });
  const documents = [...PAGES, ...globSync("docs/*.md").map((path) => path.replaceAll("\\", "/"))];
  const known = new Set(documents);
  const written: string[] = [];
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(CONTENT, path)), { recursive: true });
    writeFileSync(join(CONTENT, path), text);
    if (path.endsWith(".md")) written.push(path);
  };
  for (const path of documents)
    write(placeOf(path), withLinks(path, readFileSync(path, "utf8"), known));
  const api = apiPages();
  for (const { name, text } of api) write(`api/${name}.md`, text);
  write(
    "api/index.md",
    `# API reference\n\nOne page for each import.\n\n${api.map(({ name, title }) => `- [\`${title}\`](./${name}.md)`).join("\n")}\n`,
  );
  const sidebar = [
    ...groupsOf(readFileSync("docs/README.md", "utf8")),
    {
      text: "API reference",
      items: api.map(({ name, title }) => ({ text: title, link: `/api/${name}` })),
    },
  ];
  write("sidebar.json", JSON.stringify(sidebar));
  mkdirSync(join(CONTENT, "docs"), { recursive: true });
  for (const path of globSync("docs/*.svg"))
    copyFileSync(path, join(CONTENT, "docs", basename(path)));
  return written;
}

/** Puts the report of the conformance suite beside the pages. */
export function writeReport(folder: string): void {
  const place = join(CONTENT, "public/report");
  mkdirSync(place, { recursive: true });
  for (const name of ["report.html", "report.md", "report.json"]) {
    copyFileSync(join(folder, name), join(place, name));
  }
}

/** A README is what a folder shows. */
function placeOf(path: string): string {
  return path.replace(/README\.md$/, "index.md");
}

/** Links to documents stay; those to sources lead into the repository. */
export function withLinks(path: string, text: string, known: ReadonlySet<string>): string {
  const moved = (link: string): string => {
    if (/^(?:[a-z]+:|#)/.test(link)) return link;
    const [file = "", fragment] = link.split("#");
    const target = posix.join(posix.dirname(path), file);
    const anchor = fragment === undefined ? "" : `#${fragment}`;
    if (target === "docs/api.txt") return relative(path, "api/index.md");
    if (known.has(target)) return relative(path, placeOf(target)) + anchor;
    if (target.startsWith("docs/") && /\.svg$/.test(target)) return relative(path, target);
    const kind = existsSync(target) && !posix.extname(target) ? "tree" : "blob";
    return `https://github.com/${repositoryHere()}/${kind}/main/${target}${anchor}`;
  };
  return text
    .split(/(^```[\s\S]*?^```$)/m)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replaceAll(/\]\(([^)\s]+)\)/g, (_, link: string) => `](${moved(link)})`)
            .replaceAll(
              /\b(src|srcset)="([^"]+)"/g,
              (_, name: string, link: string) => `${name}="${moved(link)}"`,
            ),
    )
    .join("");
}

function relative(from: string, to: string): string {
  const path = posix.relative(posix.dirname(placeOf(from)), to);
  return path.startsWith(".") ? path : `./${path}`;
}

/** The reading order, as docs/README.md has it. */
export function groupsOf(index: string): readonly SidebarGroup[] {
  return index
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [text = "", ...lines] = part.split("\n");
      const items = lines.flatMap((line) => {
        const [, title, link] = /^(?:\d+\. |- |\| )\[([^\]]+)\]\(([^)#]+\.md)\)/.exec(line) ?? [];
        if (title === undefined || link === undefined) return [];
        const place = placeOf(posix.join("docs", link)).replace(/(?:index)?\.md$/, "");
        return [{ text: title, link: `/${place}` }];
      });
      return { text, items };
    })
    .filter(({ items }) => items.length > 0);
}
