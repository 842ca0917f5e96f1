; Inno Setup 6: an installer of the frozen program, for one user without administrator rights or for all.
; iscc /DVersion=0.1.0 packaging\windows\embtrainer.iss
; Untried: no Windows was at hand (packaging\README.md).

#ifndef Version
  #error Name the version: iscc /DVersion=...
#endif

[Setup]
AppId={{6B0C7B57-6A5F-4E0B-9C55-3E5B0F5C8E21}
AppName=Embedding Trainer
AppVersion={#Version}
AppPublisher=The authors of Embedding Trainer
LicenseFile=..\..\LICENSE
DefaultDirName={autopf}\Embedding Trainer
DefaultGroupName=Embedding Trainer
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
SetupIconFile=..\..\build\icons\embtrainer.ico
UninstallDisplayIcon={app}\embtrainer-window.exe
Compression=lzma2/normal
SolidCompression=yes
OutputDir=..\..\dist
OutputBaseFilename=embtrainer-{#Version}-windows-x64
WizardStyle=modern

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[Files]
Source: "..\..\build\frozen\embtrainer\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[InstallDelete]
; Modules of an older version must not be found beside the new ones.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{autoprograms}\Embedding Trainer"; Filename: "{app}\embtrainer-window.exe"
Name: "{autodesktop}\Embedding Trainer"; Filename: "{app}\embtrainer-window.exe"; Tasks: desktopicon

[Run]
Filename: "{app}\embtrainer-window.exe"; Description: "{cm:LaunchProgram,Embedding Trainer}"; Flags: nowait postinstall skipifsilent
