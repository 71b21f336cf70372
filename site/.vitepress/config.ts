import { readFileSync } from "node:fs";
import process from "node:process";
import { defineConfig } from "vitepress";

const { repository } = JSON.parse(readFileSync("../package.json", "utf8")) as {
  repository: { url: string };
};
const hasReport = process.env["LETHE_SITE_REPORT"] === "1";

export default defineConfig({
  title: "Lethe",
  description: "Secret memory for JavaScript",
  lang: "en",
  srcDir: "content",
  outDir: "dist",
  base: process.env["LETHE_SITE_BASE"] ?? "/",
  lastUpdated: false,
  // Everything is on the page: no font, script or picture comes from elsewhere.
  head: [["meta", { name: "referrer", content: "no-referrer" }]],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // The empty corner of a table is not a heading.
    config(markdown) {
      const { rules } = markdown.renderer;
      rules["th_open"] = (tokens, at) => (tokens[at + 1]?.content === "" ? "<td>" : "<th>");
      rules["th_close"] = (tokens, at) => (tokens[at - 1]?.content === "" ? "</td>" : "</th>");
    },
  },
  themeConfig: {
    nav: [
      { text: "Guide", link: "/docs/" },
      { text: "API", link: "/api/" },
      { text: "Security", link: "/SECURITY" },
      { text: "Report", link: hasReport ? "/report/report.html" : "/docs/report", target: "_self" },
    ],
    sidebar: JSON.parse(readFileSync("content/sidebar.json", "utf8")),
    search: { provider: "local" },
    outline: [2, 3],
    socialLinks: [
      {
        icon: "github",
        link: repository.url.replace(/^git\+|\.git$/g, ""),
        ariaLabel: "The repository",
      },
    ],
  },
});
