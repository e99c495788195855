export const app = {
  app: {
    name: "Refund Desk",
    pages: {
      today: "Today",
      resources: "Resources",
      renewals: "Renewals",
      requests: "Requests",
      history: "History",
      reports: "Reports",
      settings: "Settings",
    },
    pagesLabel: "Pages",
    opening: "Opening the desk…",
    openFailed: "The desk could not be opened",
  },
  sandbox: {
    banner: "Sandbox",
    explain: "Invented customers. Nothing here reaches Alibaba Cloud.",
    clock: "Sandbox clock",
    plusOne: "+1 day",
    plusThree: "+3 days",
    turning: "Turning the clock…",
  },
  date: { form: "yyyy-mm-dd", from: "from", to: "to", wrong: "Not a day of the calendar; write it as yyyy-mm-dd." },
  age: {
    now: "just now",
    minutes: "{count, number} min ago",
    hours: "{count, number} h ago",
    days: "{count, plural, one {# day} other {# days}} ago",
  },
  problem: {
    place: "Place",
    next: "What to do next",
    code: "Code",
    dismiss: "Dismiss",
    region: "Messages",
  },
} as const;
