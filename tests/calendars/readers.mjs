// What two JavaScript readers make of an iCalendar text on standard input:
// {reader: [[uid, start, end, sequence, status], ...]}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/x.js`);
const ICAL = require("ical.js");
const nodeIcal = require("node-ical");
const text = readFileSync(0, "utf8");
const iso = (day) => new Date(day).toISOString();

const component = new (ICAL.default ?? ICAL).Component((ICAL.default ?? ICAL).parse(text));
const first = component.getAllSubcomponents("vevent").map((found) => {
  const event = new (ICAL.default ?? ICAL).Event(found);
  return [event.uid, iso(event.startDate.toJSDate()), iso(event.endDate.toJSDate()), String(event.sequence ?? 0), found.getFirstPropertyValue("status") ?? ""];
});
const second = Object.values(nodeIcal.sync.parseICS(text))
  .filter((found) => found.type === "VEVENT")
  .map((found) => [found.uid, iso(found.start), iso(found.end), String(found.sequence ?? 0), found.status ?? ""]);
console.log(JSON.stringify({ "ical.js": first.sort(), "node-ical": second.sort() }));
