// Starts the small modules. Every page works without them; they make it quicker.
import { startMenus } from "./menus.js";
import { startPanel } from "./panel.js";
import { startDialogs } from "./dialogs.js";
import { startToasts } from "./toasts.js";
import { startKeys } from "./keys.js";
import { startPalette } from "./palette.js";
import { startForms } from "./forms.js";
import { startRequests } from "./requests.js";
import { startAgain } from "./again.js";
import { startOffline } from "./offline.js";

startMenus();
startForms();
startDialogs();
startPanel();
startToasts();
startPalette();
startKeys();
startRequests();
startAgain();
startOffline();
