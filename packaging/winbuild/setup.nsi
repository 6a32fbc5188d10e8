; The setup program: for one user, without administrator rights. Silent: /S. Another folder: /D=C:\folder (last, no
; quotation marks). Not on the PATH: /NOPATH. Exit status 5: the program is open; 2: it was not installed, or not removed
; whole. Given from outside: VERSION and other strings, ICON, SIDE (a picture), OUT, LONGEST_FOLDER (how many characters the name of the
; folder may have that is written in), and FILES, which has the macros WriteFiles, DeleteFiles, DeleteFolders and EachPart
; (for what stands in the program's folder itself).
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
; A new version is written beside the old one whole, and only then takes its place. "New" is worth nothing when no setup
; program runs; what is in "old" was in use until a change that did not come to its end, and is put back.
!define NEW "$INSTDIR\linkage-gui-new"
!define OLD "$INSTDIR\linkage-gui-old"

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
AllowSkipFiles off ; a program that lacks a file is no program
VIProductVersion "${VERSION4}"
VIAddVersionKey /LANG=2057 "ProductName" "Linkage GUI"
VIAddVersionKey /LANG=2057 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=2057 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=2057 "FileDescription" "Installs Linkage GUI"
VIAddVersionKey /LANG=2057 "CompanyName" "${PUBLISHER}"
VIAddVersionKey /LANG=2057 "LegalCopyright" "${COPYRIGHT}"
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${SIDE}"

!define MUI_WELCOMEPAGE_TEXT "This installs Linkage GUI ${VERSION} for you alone. It needs no administrator rights.$\r$\n$\r$\nDecisions that are recorded already are kept."
!insertmacro MUI_PAGE_WELCOME
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE LeaveFolder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\Linkage GUI.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Open Linkage GUI"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!include "${FILES}"

Var Refused ; why nothing can be done, to be read; empty when nothing is in the way
Var Status ; the exit status then
Var Ours
Var From
Var To
Var Tries
Var Moved
Var LogFile
Var Asked

; A program that runs cannot be written over, and half of a new one must not stand beside half of an old one.
!macro RefuseIfOpen EXE
  ${If} ${FileExists} "$INSTDIR\${EXE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${EXE}" a
    ${If} ${Errors}
      StrCpy $Status 5
      StrCpy $Refused "Linkage GUI is open, or you may not write in $INSTDIR.$\r$\n$\r$\nClose Linkage GUI, then try again."
    ${Else}
      FileClose $0
    ${EndIf}
  ${EndIf}
!macroend

!macro RefuseIfAnothers PART
  ${If} $Ours = 0
  ${AndIf} ${FileExists} "$INSTDIR\${PART}"
    StrCpy $Refused "Another program is in $INSTDIR.$\r$\n$\r$\nNothing was changed. Choose another folder."
  ${EndIf}
!macroend

!macro EndIfRefused
  ${If} $Refused != ""
    SetErrorLevel $Status
    MessageBox MB_OK|MB_ICONSTOP "$Refused" /SD IDOK
    Quit
  ${EndIf}
!macroend

; Whether the folder will do. Changes nothing.
Function LookAtFolder
  StrCpy $Refused ""
  StrCpy $Status 2
  StrCpy $Ours 0
  ReadRegStr $0 HKCU "${OWN_KEY}" "InstallDir"
  ${If} $0 != ""
    GetFullPathName $1 "$0"
    GetFullPathName $2 "$INSTDIR" ; empty where the folder above it is not there
    ${If} $1 == $2
      StrCpy $Ours 1
    ${ElseIf} ${FileExists} "$0\Linkage GUI.exe"
      ; Windows lists one program of a name for each user, so the first would be left behind without a way to remove it.
      StrCpy $Refused "Linkage GUI is installed in another folder:$\r$\n$0$\r$\n$\r$\nNothing was changed. Install into that folder, or remove Linkage GUI there first. The log of decisions is kept."
      Return
    ${EndIf}
  ${EndIf}
  GetFullPathName $2 "$INSTDIR"
  ReadRegStr $0 HKCU "${OWN_KEY}" "RemovedFrom" ; an uninstaller that stayed there is ours
  ${If} $0 != ""
  ${AndIf} $0 == $2
    StrCpy $Ours 1
  ${EndIf}
  ; A virus scanner may have taken the program away; then the rest is ours by what the registry says.
  ${If} ${FileExists} "$INSTDIR\Linkage GUI.exe"
  ${OrIf} ${FileExists} "${OLD}\Linkage GUI.exe"
    StrCpy $Ours 1
  ${EndIf}
  !insertmacro EachPart RefuseIfAnothers
  ${If} $Refused != ""
    Return
  ${EndIf}
  StrLen $0 "${NEW}\"
  ${If} $0 > ${LONGEST_FOLDER}
    IntOp $0 $0 - ${LONGEST_FOLDER}
    StrCpy $Refused "The whole name of the folder is too long for Windows, by $0 characters.$\r$\n$\r$\nNothing was changed. Choose another folder."
    Return
  ${EndIf}
  !insertmacro RefuseIfOpen "Linkage GUI.exe"
  !insertmacro RefuseIfOpen "linkage-gui.exe"
FunctionEnd

Function LeaveFolder
  Call LookAtFolder
  ${If} $Refused != ""
    MessageBox MB_OK|MB_ICONSTOP "$Refused"
    Abort ; stays on the page
  ${EndIf}
FunctionEnd

; Moves $From to $To. A virus scanner has what is new open for a moment, so a few seconds are given.
Function Move
  StrCpy $Tries 0
  ${Do}
    ClearErrors
    Rename "$From" "$To"
    ${IfNot} ${Errors}
      Return
    ${EndIf}
    IntOp $Tries $Tries + 1
    ${If} $Tries = 20
      StrCpy $Moved 0
      Return
    ${EndIf}
    Sleep 250
  ${Loop}
FunctionEnd

!macro MoveOut PART
  ${If} $Moved = 1
  ${AndIf} ${FileExists} "$INSTDIR\${PART}"
    StrCpy $From "$INSTDIR\${PART}"
    StrCpy $To "${OLD}\${PART}"
    Call Move
  ${EndIf}
!macroend

!macro MoveIn PART
  ${If} $Moved = 1
    StrCpy $From "${NEW}\${PART}"
    StrCpy $To "$INSTDIR\${PART}"
    Call Move
  ${EndIf}
!macroend

!macro MoveBack PART
  ${If} ${FileExists} "${OLD}\${PART}"
    ${If} ${FileExists} "$INSTDIR\${PART}"
      StrCpy $From "$INSTDIR\${PART}"
      StrCpy $To "${NEW}\${PART}"
      Call Move
    ${EndIf}
    StrCpy $From "${OLD}\${PART}"
    StrCpy $To "$INSTDIR\${PART}"
    Call Move
  ${EndIf}
!macroend

; Puts back what was there before a change that failed or was interrupted.
Function PutBack
  SetOutPath "$INSTDIR"
  CreateDirectory "${NEW}"
  !insertmacro EachPart MoveBack
  RMDir "${OLD}"
  RMDir /r "${NEW}"
FunctionEnd

; A file could not be written: nothing of the old version has been touched yet.
Function .onInstFailed
  SetOutPath "$TEMP"
  RMDir /r "${NEW}"
  RMDir "$INSTDIR"
  SetErrorLevel 2
  MessageBox MB_OK|MB_ICONSTOP "Not everything could be written to $INSTDIR, so nothing was changed.$\r$\n$\r$\nFree some space, or choose another folder, then try again." /SD IDOK
FunctionEnd

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
  Call LookAtFolder
  !insertmacro EndIfRefused
  ${If} ${FileExists} "${OLD}"
    Call PutBack
  ${EndIf}
  RMDir /r "${NEW}"
  ClearErrors
  ${IfNot} ${FileExists} "${NEW}"
    !insertmacro WriteFiles "${NEW}"
    WriteUninstaller "${NEW}\uninstall.exe"
  ${Else}
    SetErrors ; nothing of another version may get among what is written
  ${EndIf}
  ${If} ${Errors}
    Abort "Not everything could be written to $INSTDIR."
  ${EndIf}
  SetOutPath "$INSTDIR" ; Windows moves no folder that a program stands in
  CreateDirectory "${OLD}"
  StrCpy $Moved 1
  !insertmacro EachPart MoveOut
  !insertmacro EachPart MoveIn
  ${If} $Moved = 0
    StrCpy $Refused "$From could not be moved, since another program has it open or you may not.$\r$\n$\r$\nWhat was installed before is in place. Close other programs, then run this again."
    StrCpy $Status 2
    Call PutBack
    !insertmacro EndIfRefused
  ${EndIf}
  RMDir "${NEW}"
  StrCpy $From "${OLD}"
  StrCpy $To "${NEW}"
  Call Move ; so that what is left of it, should this end here, is not put back
  RMDir /r "${NEW}"
  RMDir /r "${OLD}"
  DeleteRegValue HKCU "${OWN_KEY}" "KeptLog"
  DeleteRegValue HKCU "${OWN_KEY}" "RemovedFrom"
  ClearErrors
  CreateShortcut "$SMPROGRAMS\Linkage GUI.lnk" "$INSTDIR\Linkage GUI.exe" "" "$INSTDIR\Linkage GUI.exe" 0 SW_SHOWNORMAL "" "${DESCRIPTION}"
  WriteRegStr HKCU "${OWN_KEY}" "InstallDir" "$INSTDIR"
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
  ${If} ${Errors}
    StrCpy $Refused "Linkage GUI is in $INSTDIR, but not everything could be entered in the Start menu and among the installed programs.$\r$\n$\r$\nRun this again."
    StrCpy $Status 2
    !insertmacro EndIfRefused
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/NOPATH" $1
  ${If} ${Errors}
    Call AddToPath
  ${EndIf}
SectionEnd

; What is not removed stays among the installed programs, so that it can be removed later.
!macro EndIfErrors
  ${If} ${Errors}
    ${If} $Asked == "answered"
      WriteRegStr HKCU "${OWN_KEY}" "KeptLog" "$LogFile" ; another time there may be no program to ask
    ${EndIf}
    StrCpy $Refused "Not everything could be removed from $INSTDIR, since another program has it open or you may not.$\r$\n$\r$\nClose other programs or restart Windows, and remove Linkage GUI again: it is still among the installed programs. The log of decisions was not touched."
    StrCpy $Status 2
    !insertmacro EndIfRefused
  ${EndIf}
!macroend

; The program itself knows where the log is. It answers in UTF-8, which nsExec takes for the machine's code page.
Function un.AskForLog
  nsExec::ExecToStack /TIMEOUT=30000 '"$INSTDIR\linkage-gui.exe" log where'
  Pop $0
  Pop $1
  ${If} $0 == 0
    System::Call 'kernel32::MultiByteToWideChar(i 65001, i 0, m r1, i -1, w .r2, i ${NSIS_MAX_STRLEN})'
    ${UnStrRep} $2 $2 "$\r" ""
    ${UnStrRep} $2 $2 "$\n" ""
    StrCpy $LogFile $2
    StrCpy $Asked "answered"
    Return
  ${EndIf}
  StrCpy $Asked "answered"
  ReadRegStr $LogFile HKCU "${OWN_KEY}" "KeptLog" ; from a removal that was not whole
  ${If} $LogFile == ""
    StrCpy $Asked "" ; such as with a policy that cannot be read
    StrCpy $LogFile "$LOCALAPPDATA\Linkage GUI\linkage-log.db"
  ${EndIf}
FunctionEnd

Section "Uninstall"
  SetShellVarContext current
  StrCpy $Refused ""
  !insertmacro RefuseIfOpen "Linkage GUI.exe"
  !insertmacro RefuseIfOpen "linkage-gui.exe"
  !insertmacro EndIfRefused
  Call un.AskForLog
  SetOutPath "$TEMP"
  ClearErrors
  !insertmacro DeleteFiles
  !insertmacro EndIfErrors
  RMDir /r "${NEW}"
  RMDir /r "${OLD}"
  !insertmacro DeleteFolders
  ${If} $EXEDIR != $INSTDIR ; else this is the uninstaller itself, which whoever started it so deletes
    ClearErrors
    Delete "$INSTDIR\uninstall.exe"
    !insertmacro EndIfErrors
  ${EndIf}
  RMDir "$INSTDIR" ; goes only when nothing else is in it
  Call un.RemoveFromPath
  ReadRegStr $0 HKCU "${OWN_KEY}" "InstallDir"
  GetFullPathName $1 "$0"
  GetFullPathName $2 "$INSTDIR"
  ${If} $0 == ""
  ${OrIf} $1 == $2
    Delete "$SMPROGRAMS\Linkage GUI.lnk"
    DeleteRegKey HKCU "${APP_PATHS}\linkage-gui.exe"
    DeleteRegKey HKCU "${UNINSTALL_KEY}"
    DeleteRegKey HKCU "${OWN_KEY}"
    ${If} $EXEDIR == $INSTDIR
      WriteRegStr HKCU "${OWN_KEY}" "RemovedFrom" "$2"
    ${EndIf}
  ${EndIf}
  StrCpy $3 "Linkage GUI was removed.$\r$\n$\r$\n"
  ${If} $Asked == ""
    StrCpy $3 "$3It could not say where its log of decisions is. No log was removed."
  ${EndIf}
  ${If} ${FileExists} "$LogFile"
    WriteRegStr HKCU "${OWN_KEY}" "KeptLog" "$LogFile" ; where nobody watches, it is said here
    DetailPrint "A log of decisions was kept: $LogFile"
    ${If} $Asked == ""
      StrCpy $3 "$3 There is one in the usual folder:$\r$\n$LogFile"
    ${Else}
      StrCpy $3 "$3The log of decisions was kept. It is here:$\r$\n$LogFile"
    ${EndIf}
  ${ElseIf} $Asked != ""
    Return
  ${EndIf}
  MessageBox MB_OK|MB_ICONINFORMATION "$3" /SD IDOK
SectionEnd
