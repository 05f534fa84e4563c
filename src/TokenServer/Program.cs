using TokenServer.Commands;
using TokenServer.Foundation;

UnixFiles.KeepFromOthers();
return await CommandLine.RunAsync(args);
