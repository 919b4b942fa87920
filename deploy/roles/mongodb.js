// Roles of least privilege in MongoDB, and users that have them. Run it as a user who may manage users:
//
//   export ORRERY_WORKER_PASSWORD=... ORRERY_OPERATOR_PASSWORD=...
//   mongosh "mongodb://admin@db1/admin?replicaSet=rs0&tls=true" deploy/roles/mongodb.js
//
// Safe to repeat; a user whose password is not given is left alone. ORRERY_REPORTS_DATABASE and ORRERY_ASTROLOGY_DATABASE name other
// databases than the defaults.
//
//   orrery_worker    reads and writes documents; makes and repairs collections, validators and indexes
//   orrery_operator  looks at indexes and sizes, so that "orrery doctor" can; reads no document
//   orrery_app       reads documents, writes questionnaires

const reports = process.env.ORRERY_REPORTS_DATABASE || "planetshr_reports";
const astrology = process.env.ORRERY_ASTROLOGY_DATABASE || "planetshr_astrology";
const admin = db.getSiblingDB("admin");

const all = (database, actions) => ({ resource: { db: database, collection: "" }, actions });
const looks = ["listCollections", "listIndexes", "dbStats", "collStats"];
const writes = ["find", "insert", "update", "remove", "createCollection", "createIndex", "dropIndex", "collMod", ...looks];

const roles = {
  orrery_worker: [all(reports, writes), all(astrology, writes)],
  orrery_operator: [all(reports, looks), all(astrology, looks)],
  orrery_app: [
    all(reports, ["find"]),
    all(astrology, ["find"]),
    { resource: { db: reports, collection: "questionnaire_responses" }, actions: ["insert", "update"] },
  ],
};

for (const [name, privileges] of Object.entries(roles)) {
  const known = admin.runCommand({ rolesInfo: name }).roles.length > 0;
  admin.runCommand({ [known ? "updateRole" : "createRole"]: name, privileges, roles: [] });
}

for (const [name, password] of [
  ["orrery_worker", process.env.ORRERY_WORKER_PASSWORD],
  ["orrery_operator", process.env.ORRERY_OPERATOR_PASSWORD],
  ["orrery_app", process.env.ORRERY_APP_PASSWORD],
]) {
  if (!password) continue;
  const known = admin.runCommand({ usersInfo: name }).users.length > 0;
  admin.runCommand({
    [known ? "updateUser" : "createUser"]: name,
    pwd: password,
    roles: [{ role: name, db: "admin" }],
    mechanisms: ["SCRAM-SHA-256"],
  });
}
