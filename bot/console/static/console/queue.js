// The queue and the alerts.

import { offerNotifications } from "./desk.js";
import { sendForms } from "./forms.js";
import { follow } from "./live.js";

const button = document.getElementById("notify");
if (button) offerNotifications(button);
sendForms();
follow();
