// The flows that pipelines are made of, with the published client, from an empty space to a deployment that is over.
// What the client's own tests do with PowerShell is done here with Bash, Python and JavaScript.

const fs = require("fs");
const os = require("os");
const path = require("path");
const octopus = require("./pkg/dist");

const spaceName = "Default";
let client;

const script = (name, syntax, body) => ({
    Name: name,
    Condition: "Success",
    StartTrigger: "StartAfterPrevious",
    PackageRequirement: "LetOctopusDecide",
    Properties: {},
    Actions: [
        {
            Name: name,
            ActionType: "Octopus.Script",
            IsDisabled: false,
            IsRequired: false,
            Environments: [],
            ExcludedEnvironments: [],
            Channels: [],
            TenantTags: [],
            Packages: [],
            Properties: {
                "Octopus.Action.RunOnServer": "True",
                "Octopus.Action.Script.ScriptSource": "Inline",
                "Octopus.Action.Script.Syntax": syntax,
                "Octopus.Action.Script.ScriptBody": body,
            },
        },
    ],
});

let n = 0;
const unique = (name) => `${name} ${Date.now()} ${(n += 1)}`;

// A project with these steps, its own lifecycle with two environments in one phase, and the environments.
async function project(steps) {
    const environments = new octopus.EnvironmentRepository(client, spaceName);
    const dev = await environments.create({ Name: unique("Dev") });
    const test = await environments.create({ Name: unique("Test") });
    const lifecycle = await new octopus.LifecycleRepository(client, spaceName).create({
        Name: unique("Lifecycle"),
        Phases: [{ Name: "Both", OptionalDeploymentTargets: [dev.Id, test.Id] }],
    });
    const group = (await new octopus.ProjectGroupRepository(client, spaceName).list({ take: 1 })).Items[0];
    const projects = new octopus.ProjectRepository(client, spaceName);
    const made = await projects.create(octopus.NewProject(unique("Web"), group, lifecycle));
    const processes = new octopus.DeploymentProcessRepository(client, spaceName);
    const process = await processes.get(made);
    process.Steps = steps;
    await processes.update(made, process);
    return { project: made, dev, test };
}

const wait = (ids) =>
    new octopus.ServerTaskWaiter(client, spaceName).waitForServerTasksToComplete(ids, 100, 30000);

beforeAll(async () => {
    client = await octopus.Client.create({
        userAgentApp: "flows",
        instanceURL: process.env.OCTOPUS_TEST_URL,
        apiKey: process.env.OCTOPUS_TEST_API_KEY,
    });
});

test("a package is pushed, released and deployed to several environments", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flows-"));
    const id = `flow${Date.now()}`;
    const file = path.join(folder, `${id}.1.2.3.zip`);
    // The smallest zip there is: an end of central directory, and nothing before it.
    fs.writeFileSync(file, Buffer.concat([Buffer.from("PK\x05\x06", "latin1"), Buffer.alloc(18)]));
    const packages = new octopus.PackageRepository(client, spaceName);
    await packages.push([file]);
    await expect(packages.push([file])).rejects.toThrow("A package with the same name and version already exists");
    await packages.push([file], octopus.OverwriteMode.OverwriteExisting);
    expect((await packages.list({ nuGetPackageId: id, take: 10 })).Items.map((one) => one.Version)).toEqual(["1.2.3"]);

    const step = script("Say", "Bash", "echo version #{Octopus.Action.Package[].PackageVersion} in #{Octopus.Environment.Name}");
    step.Actions[0].Packages = [{ Name: "", PackageId: id, FeedId: "feeds-builtin", AcquisitionLocation: "Server", Properties: {} }];
    const { project: web, dev, test } = await project([step, script("Py", "Python", "print(6 * 7)"), script("Js", "JavaScript", "console.log('js')")]);
    const releases = new octopus.ReleaseRepository(client, spaceName);
    const release = await releases.create({ spaceName, ProjectName: web.Name, ReleaseVersion: "1.0.0", Packages: [`${id}:1.2.3`] });
    expect(release.ReleaseVersion).toBe("1.0.0");
    expect((await releases.get(release.ReleaseId)).Version).toBe("1.0.0");

    const deployments = new octopus.DeploymentRepository(client, spaceName);
    const made = await deployments.create({ spaceName, ProjectName: web.Name, ReleaseVersion: "1.0.0", EnvironmentNames: [dev.Name, test.Name] });
    const ids = made.DeploymentServerTasks.map((task) => task.ServerTaskId);
    expect(ids).toHaveLength(2);
    const tasks = await wait(ids);
    expect(tasks.map((task) => task.State)).toEqual(["Success", "Success"]);
    const raw = await new octopus.SpaceServerTaskRepository(client, spaceName).getRaw(ids[0]);
    expect(raw).toContain(`version 1.2.3 in ${dev.Name}`);
    const details = await new octopus.SpaceServerTaskRepository(client, spaceName).getDetails(ids[0]);
    expect(details.ActivityLogs[0].Children.map((step) => step.Status)).toEqual(["Success", "Success", "Success"]);
    const listed = await deployments.list({ ids: made.DeploymentServerTasks.map((task) => task.DeploymentId), take: 2 });
    expect(listed.Items.map((one) => one.EnvironmentId).sort()).toEqual([dev.Id, test.Id].sort());
});

test("a runbook is published and run", async () => {
    const { project: web, dev } = await project([]);
    const runbooks = new octopus.RunbookRepository(client, spaceName, web);
    const runbook = await runbooks.create({ Name: "Restart", ProjectId: web.Id });
    const processes = new octopus.RunbookProcessRepository(client, spaceName, web);
    const process = await processes.get(runbook);
    process.Steps = [script("Say", "Python", "print('restarted')")];
    await processes.update(process);
    await new octopus.RunbookSnapshotRepository(client, spaceName, web).create(runbook, "One", true);
    const runs = new octopus.RunbookRunRepository(client, spaceName);
    const made = await runs.create({ spaceName, ProjectName: web.Name, RunbookName: "Restart", EnvironmentNames: [dev.Name] });
    const [task] = await wait(made.RunbookRunServerTasks.map((one) => one.ServerTaskId));
    expect(task.State).toBe("Success");
    const found = await runs.list({ ids: made.RunbookRunServerTasks.map((one) => one.RunbookRunId), take: 1 });
    expect(found.Items[0].EnvironmentId).toBe(dev.Id);
});

test("a deployment that is waited for too long is cancelled", async () => {
    const { project: web, dev } = await project([script("Loop", "Bash", "while :; do :; done")]);
    await new octopus.ReleaseRepository(client, spaceName).create({ spaceName, ProjectName: web.Name, ReleaseVersion: "1.0.0" });
    const made = await new octopus.DeploymentRepository(client, spaceName).create({
        spaceName,
        ProjectName: web.Name,
        ReleaseVersion: "1.0.0",
        EnvironmentNames: [dev.Name],
    });
    const id = made.DeploymentServerTasks[0].ServerTaskId;
    const waiter = new octopus.ServerTaskWaiter(client, spaceName);
    await expect(waiter.waitForServerTasksToComplete([id], 100, 500, undefined, true)).rejects.toThrow();
    const [task] = await wait([id]);
    expect(task.State).toBe("Canceled");
});

test("what is wrong is told in the words of the server", async () => {
    const releases = new octopus.ReleaseRepository(client, spaceName);
    await expect(releases.create({ spaceName, ProjectName: "No such project" })).rejects.toThrow("there is no project `No such project`");
    await expect(wait(["ServerTasks-99999999"])).rejects.toThrow("Unknown task Id(s) ServerTasks-99999999");
});

test("configuration is read", async () => {
    const { project: web } = await project([]);
    const found = await new octopus.ProjectRepository(client, spaceName).list({ partialName: web.Name });
    expect(found.Items.map((one) => one.Id)).toEqual([web.Id]);
    expect((await new octopus.ReleaseRepository(client, spaceName).listForProject(web.Id)).TotalResults).toBe(0);
    const lifecycles = await new octopus.LifecycleRepository(client, spaceName).list({ ids: [web.LifecycleId], take: 1 });
    expect(lifecycles.Items[0].Phases[0].OptionalDeploymentTargets).toHaveLength(2);
    const spaces = await new octopus.SpaceRepository(client).list({ partialName: "Default" });
    expect(spaces.Items[0].IsDefault).toBe(true);
});
