using TokenServer.Commands;
using TokenServer.Foundation;

UnixFiles.KeepFromOthers();
// Not by returning: that would wait for threads that a library keeps for itself, as Quartz does where it could not tell the database
// that it ends.
Environment.Exit(await CommandLine.RunAsync(args));
