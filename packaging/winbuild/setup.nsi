; The setup program: for one user, without administrator rights. Silent: /S. Another folder: /D=C:\folder (last, no
; quotation marks). Not on the PATH: /NOPATH. Exit status 5: the program is open.
; Given from outside: VERSION, ABOUT_* strings, ICON, FILES (a list of what is installed), OUT.
Unicode true
!ifndef TARGET
  !define TARGET amd64-unicode
!endif
Target ${TARGET}
!include LogicLib.nsh
!include FileFunc.nsh
!include MUI2.nsh
!include StrFunc.nsh
!include WinMessages.nsh
${StrStr}
${UnStrRep}

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Linkage GUI"
!define OWN_KEY "Software\Linkage GUI"
!define APP_PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths"

Name "Linkage GUI"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Linkage GUI"
InstallDirRegKey HKCU "${OWN_KEY}" "InstallDir"
!ifdef QUICK
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
  SetCompressorDictSize 64
!endif
ManifestDPIAware true
ManifestSupportedOS Win10
BrandingText " "
VIProductVersion "${VERSION4}"
VIAddVersionKey /LANG=2057 "ProductName" "Linkage GUI"
VIAddVersionKey /LANG=2057 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=2057 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=2057 "FileDescription" "Installs Linkage GUI"
VIAddVersionKey /LANG=2057 "CompanyName" "${PUBLISHER}"
VIAddVersionKey /LANG=2057 "LegalCopyright" "${COPYRIGHT}"
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"

!define MUI_WELCOMEPAGE_TEXT "This installs Linkage GUI ${VERSION} for you alone. It needs no administrator rights.$\r$\n$\r$\nDecisions that are recorded already are kept."
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\Linkage GUI.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Open Linkage GUI"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!include "${FILES}"

; A program that runs cannot be written over, and half of a new one must not stand beside half of an old one.
!macro RefuseIfOpen EXE
  ${If} ${FileExists} "$INSTDIR\${EXE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${EXE}" a
    ${If} ${Errors}
      SetErrorLevel 5
      MessageBox MB_OK|MB_ICONSTOP "Linkage GUI is open, or you may not write in $INSTDIR.$\r$\n$\r$\nClose Linkage GUI and run this again." /SD IDOK
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

; Puts the folder on the person's PATH, unless it is there or the PATH is too long to be handled here without loss.
Function AddToPath
  ClearErrors
  ReadRegStr $0 HKCU "Environment" "Path"
  ${If} ${Errors}
    StrCpy $0 ""
    StrCpy $1 0
    ${Do}
      ClearErrors
      EnumRegValue $2 HKCU "Environment" $1
      ${If} ${Errors}
        ${ExitDo}
      ${EndIf}
      ${If} $2 == "Path"
        DetailPrint "The PATH is very long, so it was left as it is."
        Return
      ${EndIf}
      IntOp $1 $1 + 1
    ${Loop}
  ${EndIf}
  StrLen $1 $0
  StrLen $2 $INSTDIR
  IntOp $1 $1 + $2
  ${If} $1 > 1000
    DetailPrint "The PATH is very long, so it was left as it is."
    Return
  ${EndIf}
  ${StrStr} $1 ";$0;" ";$INSTDIR;"
  ${If} $1 == ""
    ${If} $0 == ""
      WriteRegExpandStr HKCU "Environment" "Path" "$INSTDIR"
    ${Else}
      WriteRegExpandStr HKCU "Environment" "Path" "$0;$INSTDIR"
    ${EndIf}
    SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
  ${EndIf}
FunctionEnd

Function un.RemoveFromPath
  ClearErrors
  ReadRegStr $0 HKCU "Environment" "Path"
  StrLen $1 $0
  ${If} ${Errors}
  ${OrIf} $1 > 1000 ; longer than is handled here without loss
    Return
  ${EndIf}
  ${UnStrRep} $1 ";$0;" ";$INSTDIR;" ";"
  ${If} $1 == ";$0;"
    Return
  ${EndIf}
  ${If} $1 == ";"
    DeleteRegValue HKCU "Environment" "Path"
  ${Else}
    StrCpy $1 $1 -1 1
    WriteRegExpandStr HKCU "Environment" "Path" "$1"
  ${EndIf}
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
FunctionEnd

Section "Linkage GUI"
  SetShellVarContext current
  !insertmacro RefuseIfOpen "Linkage GUI.exe"
  !insertmacro RefuseIfOpen "linkage-gui.exe"
  ; What an older version had goes first; what another program has under that name stays, and so does all of it.
  ${If} ${FileExists} "$INSTDIR\_internal"
  ${AndIfNot} ${FileExists} "$INSTDIR\Linkage GUI.exe"
    SetErrorLevel 2
    MessageBox MB_OK|MB_ICONSTOP "Another program is in $INSTDIR.$\r$\n$\r$\nNothing was changed. Choose another folder, and run this again." /SD IDOK
    Quit
  ${EndIf}
  ClearErrors
  RMDir /r "$INSTDIR\_internal"
  !insertmacro InstallFiles
  WriteUninstaller "$INSTDIR\uninstall.exe"
  ${If} ${Errors}
    SetErrorLevel 2
    MessageBox MB_OK|MB_ICONSTOP "Not everything could be written to $INSTDIR.$\r$\n$\r$\nFree some space, or choose another folder, and run this again." /SD IDOK
    Quit
  ${EndIf}
  SetOutPath "$INSTDIR"
  CreateShortcut "$SMPROGRAMS\Linkage GUI.lnk" "$INSTDIR\Linkage GUI.exe" "" "$INSTDIR\Linkage GUI.exe" 0 SW_SHOWNORMAL "" "${DESCRIPTION}"
  WriteRegStr HKCU "${OWN_KEY}" "InstallDir" "$INSTDIR"
  DeleteRegValue HKCU "${OWN_KEY}" "KeptLog"
  WriteRegStr HKCU "${APP_PATHS}\linkage-gui.exe" "" "$INSTDIR\linkage-gui.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "Linkage GUI"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Comments" "${DESCRIPTION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\Linkage GUI.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" ${SIZE_KB}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/NOPATH" $1
  ${If} ${Errors}
    Call AddToPath
  ${EndIf}
SectionEnd

Section "Uninstall"
  SetShellVarContext current
  !insertmacro RefuseIfOpen "Linkage GUI.exe"
  !insertmacro RefuseIfOpen "linkage-gui.exe"
  ; The program itself knows where the log is. It answers in UTF-8, which nsExec takes for the machine's code page.
  nsExec::ExecToStack /TIMEOUT=30000 '"$INSTDIR\linkage-gui.exe" log where'
  Pop $0
  Pop $1
  StrCpy $2 ""
  ${If} $0 == 0
    System::Call 'kernel32::MultiByteToWideChar(i 65001, i 0, m r1, i -1, w .r2, i ${NSIS_MAX_STRLEN})'
    ${UnStrRep} $2 $2 "$\r" ""
    ${UnStrRep} $2 $2 "$\n" ""
  ${EndIf}
  Call un.RemoveFromPath
  !insertmacro RemoveFiles
  Delete "$INSTDIR\uninstall.exe"
  SetOutPath "$TEMP"
  RMDir "$INSTDIR" ; goes only when nothing else is in it
  Delete "$SMPROGRAMS\Linkage GUI.lnk"
  DeleteRegKey HKCU "${APP_PATHS}\linkage-gui.exe"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  DeleteRegKey HKCU "${OWN_KEY}"
  ${If} $2 != ""
  ${AndIf} ${FileExists} "$2"
    DetailPrint "The log of decisions was kept: $2"
    WriteRegStr HKCU "${OWN_KEY}" "KeptLog" "$2" ; where nobody watches, it is said here
    MessageBox MB_OK|MB_ICONINFORMATION "Linkage GUI was removed.$\r$\n$\r$\nThe log of decisions was kept. It is here:$\r$\n$2" /SD IDOK
  ${EndIf}
SectionEnd
