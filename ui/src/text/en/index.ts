// Every visible string of the window that is not data, in English: one file a room. The console's own words (Unsubscribe Resource,
// Updated Expiration Time, ...) are kept as the console writes them. Counts and choices are ICU messages.

import { app } from "./app";
import { backup } from "./backup";
import { batches } from "./batches";
import { entry } from "./entry";
import { fields } from "./fields";
import { history } from "./history";
import { inspector } from "./inspector";
import { parts } from "./parts";
import { rail } from "./rail";
import { renewals } from "./renewals";
import { requests } from "./requests";
import { resources } from "./resources";
import { reports } from "./reports";
import { settings } from "./settings";
import { table } from "./table";
import { today } from "./today";
import { wizard } from "./wizard";
import { words } from "./words";

export const en = { ...app, ...entry, ...backup, ...fields, ...parts, ...words, rail, today, resources, inspector, wizard, renewals, requests, history, reports, settings, table, batches } as const;
